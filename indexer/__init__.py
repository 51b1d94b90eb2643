"""The indexer: the contract's events as MongoDB documents, kept at the chain's head.

Promises: every document is the fold of the canonical chain's events up to the checkpoint, whatever
nodes, reorgs or crashes do. `chain_sync` is the loop of one contract, `projection` the fold,
`writer` and `rollback` change the database, `reader` answers the others' questions.
May touch: the index database, which nothing else writes, and nodes, which it only reads; it holds
no key and knows nothing of Cloudflare.
Of this package `api` and `oracle` may import `documents`, `reader`, `queries` and `index_check`,
the oracle also `operator_queries`, the API also `projection.titles`; all of them read only.
"""
