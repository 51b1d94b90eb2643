"""A stand-in for Cloudflare Stream live inputs, for the demo and the tests.

Promises: answers the live-input REST API, the playback host and WebRTC (WHIP in, WHEP out) as
real accounts are known to answer them; `docs/stand-in.md` lists what is simulated, what is not,
and which answers are guesses.
Assumes: one process per state directory, on a loopback address.
On restart: everything acknowledged is still there (SQLite, synced on each write); running
broadcasts are over, as after a failure of the real service.
"""
