"""Kill everything at random, and see that nothing is lost: `make chaos`, and briefly in tests."""
