"""Cloudflare Stream's live inputs over REST: what the API can do, and when it may be called.

`client` has a method for each call; every call goes the way of `api_call`: `breaker`, `rate_limit`
(with `request_log` and `rate_headers`), `transport`, then `response_classifier` and
`response_parser`. `live_input_spec` says what a room wants of Cloudflare, `errors` what may go
wrong.

Promises: nothing here retries on its own: a call is one request, and its error says what to do
next. May touch Cloudflare's API and nothing else; knows nothing of chain, index and journal.
"""
