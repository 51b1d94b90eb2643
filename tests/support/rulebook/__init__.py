"""The contract told a second time, for tests: what each call does, and what an index then holds.

Written from docs/contract.md, docs/index.md and the interfaces' NatSpec; it knows nothing of the
indexer's fold. Random walks judge the EVM by it (`registry`), the indexer's simulation takes its
chain's events and its expectation from it (`indexer/random_transactions`), the oracle's its rooms
(`oracle/simulation`).
"""
