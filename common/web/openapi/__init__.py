"""What the OpenAPI 3.1 document of every service is made with.

Promises: schemas are made by pydantic from the types of answers and bodies, once, when a service's
own module of them is imported; no answer is built or validated by pydantic."""
