"""The chain's story as documents: the fold, its store, and the service that keeps it up.

`api` and `oracle` may import `indexer.documents`, `indexer.reader` and `indexer.projection.titles`;
nothing else of this package is theirs. Only the indexer writes the index database.
"""
