"""The commands of `python -m indexer`, a module each: `run` is the service, the others work beside
it.

Promises: each returns its exit code; what it has to say goes to the terminal. `verify` and `export`
only read; `rebuild` and `rewind` write while they hold the writer's lease, which a running service
gives them.
"""
