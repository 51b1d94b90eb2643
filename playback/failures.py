"""Failures of what the service needs, as the problems that callers get.

Promises: `failures_told` lets a `Problem` pass, and makes one of a database, index, key or node
that does not answer, with a time to try again; the operator's words go to the log alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from common.playback_key import PlaybackKeyError
from common.web.problems import Problem
from playback.index_view import IndexAway
from playback.store import StoreUnavailable
from playback.wallet_proof import ProofUnavailable

log = structlog.get_logger(__name__)
RETRY = 2
"""Seconds until another try, where database, index or key are missing."""
AWAY_RETRY = 5
"""Where no node answers."""


@contextmanager
def failures_told() -> Iterator[None]:
    """For the length of an act."""
    try:
        yield
    except StoreUnavailable as error:
        log.warning("database unavailable", error=error.for_operator)
        raise Problem("database-unavailable", str(error), retry_after=RETRY) from None
    except IndexAway as error:
        log.warning("index unavailable", error=error.for_operator)
        raise Problem("index-unavailable", str(error), retry_after=RETRY) from None
    except PlaybackKeyError as error:
        log.warning("no signing key", error=str(error))
        raise Problem("key-unavailable", "there is no signing key now", retry_after=RETRY) from None
    except ProofUnavailable as error:
        log.warning("contract wallet not asked", error=str(error))
        raise Problem(
            "node-unavailable", "no node can look at a contract's signature", retry_after=AWAY_RETRY
        ) from None
