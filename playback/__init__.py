"""Who may watch a room that is for some only: proofs, seats, attendance, playback tokens.

`python -m playback` serves one operator. It holds the operator's signing key, which the read API
must not.
"""
