"""A simulated world for the oracle and its sender: chain, contract, index, Cloudflare, clock,
crashes.

The oracle's own code runs unchanged; what it talks to is small models that keep the real parts'
promises and none more. Everything is decided by one seed.
"""
