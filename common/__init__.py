"""What every service needs and no chain: settings, logs, time, names, the lease, the supervisor.

Imports nothing of ours; `chain`, `indexer`, `oracle` and `api` import it.
"""
