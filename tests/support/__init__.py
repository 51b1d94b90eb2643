"""Helpers the tests share: processes that always stop, bounded waits, free ports."""
