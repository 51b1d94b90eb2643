"""From events to documents: the fold.

Promises: pure. The same events in the same order always make the same documents; nothing here knows
of a database, a node or a clock. `contract` takes the events, `rooms` changes a room's document,
`ledger` holds the documents meanwhile, `titles` makes titles searchable.
Of these `api` may import `titles`, to search as titles are stored.
"""
