"""What every HTTP service of ours for the public has around its routes, told once.

Promises: a request is refused, counted, timed, logged and answered in the same way by each service;
whatever goes wrong is a problem document. Nothing here knows what a service is about: its kinds of
problems, its origins, its numbers are handed in.
Assumes: Flask under gunicorn with gevent (`server`). Services with machines alone as their readers
have `common.ops_server` instead, and load nothing of this.

Where to look: `surroundings` puts all of it around an application, `middleware` is what surrounds
every request, `problems` what an error is, `server` the processes, `openapi` the description."""
