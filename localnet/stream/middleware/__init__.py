"""What stands before every answer: the request journal, injected faults, the rate limit."""
