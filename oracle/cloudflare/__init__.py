"""Cloudflare Stream's live inputs over REST: client, error classes, rate budget, circuit breaker.

Nothing here retries on its own: a call is one request, and its error says what to do next.
"""
