"""The OpenAPI document, which describes each route and answer, and `/docs` made from it.

Promises: plain data, made once; `tests/unit/api/test_openapi.py` holds it against real answers.
May touch: nothing but `api.app_config` (where the server is reached) and the catalogue of
problems."""
