"""The routes, a module for each group; each has `blueprint(services)` of its own name.

Promises: a handler reads its parameters (`api.query_params`, `common.web.request_bodies`), asks the
index through `api.services.Services`, and hands on what it found: to `api.response_shapes` for the
JSON and to `api.http_responses` for the HTTP response. What cannot be answered is raised as a
`common.web.problems.Problem`.
May touch: neither the database nor the node but through `Services`."""
