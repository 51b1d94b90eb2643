"""The processes that serve the API: gunicorn with gevent workers, and what the workers share.

Promises: knows nothing of routes but `api.app`; `run.main` is the way in (`python -m api`).
Assumes: `gevent_patch` is imported before anything else, then `shared_folder` is entered, both
before `prometheus_client` and gunicorn are imported; so `api.__main__` imports the rest late.
May touch: sockets, processes, and one temporary folder of the machine."""
