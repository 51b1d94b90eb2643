"""The OpenAPI document, by parts."""
