"""The whole system on one machine: a chain, a database, a stand-in for Cloudflare, all services.

For the demo, for tests and for trying things out. Nothing of the product imports it.
"""
