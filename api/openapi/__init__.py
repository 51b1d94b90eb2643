"""The OpenAPI document, which describes each route and answer, and `/docs` made from it.

Promises: plain data, made once when it is imported; `tests/unit/api/test_openapi.py` holds it
against real answers.
May touch: nothing but the types of answers and of request bodies, the bounds of parameters and the
catalogue of problems."""
