"""What every service needs and no chain: time, this process's name, the lease.

Imports nothing of ours; `chain`, `indexer`, `oracle` and `api` import it.
"""
