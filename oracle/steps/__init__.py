"""The steps that touch Cloudflare, one module per kind of work; `oracle.plan` says which is next.

Every step takes the context and the facts and returns the record as saved.

Promises: a step has one effect at most, writes down what it must before and what it learned after,
and is safe to repeat and to die in. May touch what the `Context` holds: Cloudflare, the journal,
the list of recordings, the index (reading); never the chain, for which `oracle.outbox` is there.
`select` chooses the rooms that a pass looks at and touches nothing.
"""
