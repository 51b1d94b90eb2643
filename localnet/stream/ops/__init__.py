"""The control surface for tests under `/_standin`, loopback only."""
