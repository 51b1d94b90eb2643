"""All talk with the chain: JSON-RPC, typed events, the block follower, the transaction sender.

Everything here is asyncio, and takes its clock, its randomness and its transport as arguments, so
that a simulation can own them. The modules never import `indexer`, `oracle` or `api`.
"""
