"""The whole system on one machine: embedded parts, one command."""
