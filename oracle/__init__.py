"""The oracle: gives every room of its operator a live input, and takes it away again at the end.

It goes by levels, not by events: `facts_loader` reads what is so (chain, index, journal, sender),
`plan` decides what a room needs next, `reconciler` has it done (`steps` at Cloudflare, `outbox` on
chain), and `service` runs that again and again.

Promises: exactly one live input a room, none after its end; safe to die in at any moment. Two
oracles never act at once (the lease).
May touch: the chain through `chain` only, the index for reading only, its own database, one
Cloudflare account.
On restart: it goes on from its journal; losing that costs delay only.
"""
