"""Makes waiting cooperative; import it before anything else.

Promises: sockets, locks and sleeping are gevent's. Besides, a condition asks whether its lock is
held without giving up its turn: by default it tries to take the lock, and gevent lets everybody
else go first when that fails. pymongo notifies two conditions after each answer, so that under load
reading one document took three rounds of all busy connections instead of one.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

from gevent.thread import LockType  # noqa: E402

# What `threading.Condition` uses if it is there. Its own way means the same: held by anybody.
LockType._is_owned = LockType.locked
