"""The steps that touch Cloudflare, one module per kind of work; `oracle.plan` says which is next.

Every step takes the tools and the facts, has one effect at most, writes down what it must before
and what it learned after, and returns the entry as saved. Each is safe to repeat and to die in.
"""
