"""Who is on air: one process that asks the playback hosts, room by room, and writes what they say.

The index tells which rooms are active, never whether their host sends. `schedule` says which room
is asked next, `asking` asks, `verdict` judges the answer, `keeping` writes what changed into a
database of its own, from which the API reads (`documents`, `reader`); `service` runs all of it.

Promises: live is true, false or unknown, and never wrong for longer than one look. A hint makes a
look sooner; nothing depends on one. One process asks at a time (the lease), and no more often than
the settings say.
May touch: the index and the oracle's notes for reading only, its own database, the operators'
playback hosts. It holds no secret.
On restart: it goes on from its rows; losing them costs one look at each room.
"""
