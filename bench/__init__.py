"""Measurements, each beside a peer or a floor. `python -m bench`; the rules are in README.md."""
