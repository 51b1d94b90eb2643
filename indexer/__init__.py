"""The chain's story as documents: the fold, its store, and the service that keeps it up.

`api` and `oracle` may import `indexer.model`, `indexer.reader` and `indexer.titles`; nothing else
of this package is theirs. Only the indexer writes the index database.
"""
