"""The long hunts: `python -m bench.audit`."""
