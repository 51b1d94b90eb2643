"""All talk with the chain.

Here: what the contract's bytes mean (`abi`, `contract`, `calldata`, `views`, `eth_call`, `events`,
`event_codec`, `history`, `reverts`), how a block's `header` reads and what `FINALITY` means; `rpc`
asks nodes, `follow` reads blocks, `send` sends transactions. Everything is asyncio (`rpc.blocking`
runs it without), and takes its clock, its randomness and its transport as arguments, so that a
simulation can own them. Imports nothing of ours but `common`.
"""
