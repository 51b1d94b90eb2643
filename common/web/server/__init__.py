"""The processes that serve: gunicorn with gevent workers, and what the workers share.

Promises: knows nothing of routes; `gunicorn_server.serve` is given what makes a worker's
application.
Assumes: `gevent_patch` is imported before anything else, then `shared_folder` is entered, both
before `prometheus_client` and gunicorn are imported; so a service's `__main__` imports the rest
late.
May touch: sockets, processes, and one temporary folder of the machine."""
