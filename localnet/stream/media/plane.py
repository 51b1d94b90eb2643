"""Who publishes and who watches, by live input.

Promises: an input is live from the moment its publisher is connected; a second publisher takes
over when it is connected, and the first is ended (a guess: nothing is known of the real service);
revoking an input ends its publisher and its viewers at once.
Assumes (guesses): viewers of a publisher that was lost keep their connection and a frozen picture,
as with a real SFU; they must ask again. They are let go after a minute.
On restart: all sessions are gone.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from localnet.stream.media.runtime import expect_peers, install
from localnet.stream.media.sdp import BadOfferError, NoCommonCodecError, Offer
from localnet.stream.media.sessions import Publisher, Session, Viewer

log = logging.getLogger("localnet.stream")

FLOWING, FROZEN, CUT = "flowing", "frozen", "cut"
_LET_GO_AFTER_S = 60.0


class NotLiveError(Exception):
    """Nobody publishes to this input."""


class CutError(Exception):
    """A test has cut this input's media."""


class MediaPlane:
    """All sessions of the process."""

    def __init__(
        self,
        random_hex: Callable[[int], str],
        on_live: Callable[[str], None],
        on_gone: Callable[[str], None],
        far: Callable[[], bool],
    ) -> None:
        """`on_live(uid)` and `on_gone(uid)` are told when an input goes live and stops; `far`:
        whether peers are far away now."""
        install()
        self._far = far
        self._random_hex = random_hex
        self._on_live = on_live
        self._on_gone = on_gone
        self._sessions: dict[str, Session] = {}
        self._live: dict[str, Publisher] = {}
        self._media: dict[str, str] = {}

    async def publish(self, uid: str, body: bytes) -> tuple[str, str]:
        """Session id and SDP answer. Raises BadOfferError, NoCommonCodecError, CutError."""
        if self._media.get(uid) == CUT:
            raise CutError(uid)
        offer = Offer.parse(body)
        publisher = Publisher(uid, self._random_hex(16), self._arrived, self._left)
        return publisher.id, await self._settle(publisher, publisher.accept(offer))

    async def play(self, uid: str, body: bytes) -> tuple[str, str]:
        """Session id and SDP answer. Raises NotLiveError, BadOfferError, NoCommonCodecError."""
        publisher = self._live.get(uid)
        if publisher is None:
            raise NotLiveError(uid)
        offer = Offer.parse(body)
        viewer = Viewer(uid, self._random_hex(16), self._arrived, self._left)
        return viewer.id, await self._settle(viewer, viewer.accept(offer, publisher))

    async def hang_up(self, uid: str, session_id: str) -> None:
        """Ends a session of this input; nothing if there is none."""
        session = self._sessions.get(session_id)
        if session is not None and session.uid == uid:
            await session.close()

    def end(self, uid: str, session_id: str) -> None:
        """As `hang_up`; its sockets close in the background."""
        session = self._sessions.get(session_id)
        if session is not None and session.uid == uid:
            session.end()

    def revoke(self, uid: str) -> None:
        """Ends whatever runs on this input; its sockets close in the background."""
        for session in self._of(uid):
            session.end()

    def set_media(self, uid: str, state: str) -> None:
        """`flowing`; `frozen`: sessions stay, no frame passes; `cut`: sessions end, and neither
        publishing nor playing is possible. Raises ValueError."""
        if state not in (FLOWING, FROZEN, CUT):
            raise ValueError(f"state must be {FLOWING}, {FROZEN} or {CUT}")
        self._media[uid] = state
        if state == CUT:
            self.revoke(uid)
        publisher = self._live.get(uid)
        if publisher is not None:
            publisher.set_frozen(state == FROZEN)
            publisher.ask_keyframe()

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Per input that has sessions: whether live, codecs, frames received, viewers."""
        found: dict[str, dict[str, Any]] = {}
        for uid in {session.uid for session in self._sessions.values()}:
            publisher = self._live.get(uid)
            watching = [s for s in self._of(uid) if isinstance(s, Viewer) and s.connected]
            found[uid] = {
                "live": publisher is not None,
                "session": None if publisher is None else publisher.id,
                "codecs": _codecs(publisher),
                "frames": _frames(publisher),
                "viewers": len(watching),
            }
        return found

    async def close(self) -> None:
        """Ends every session."""
        sessions = list(self._sessions.values())
        await asyncio.gather(*(session.close() for session in sessions))

    async def _settle(self, session: Session, accept: Any) -> str:
        self._sessions[session.id] = session
        expect_peers(far=self._far())
        try:
            return str(await accept)
        except NoCommonCodecError:
            await session.close()
            raise
        except Exception as error:  # aiortc trusts what it is offered: the offer is to blame
            await session.close()
            raise BadOfferError(type(error).__name__) from error

    def _arrived(self, session: Session) -> None:
        if isinstance(session, Viewer):
            publisher = self._live.get(session.uid)
            if publisher is not None:
                publisher.ask_keyframe()
        elif isinstance(session, Publisher):
            before = self._live.get(session.uid)
            self._live[session.uid] = session
            session.set_frozen(self._media.get(session.uid) == FROZEN)
            if before is not None:
                before.end()
            log.info("live by WHIP: %s%s", session.uid, " (took over)" if before else "")
            self._on_live(session.uid)

    def _left(self, session: Session) -> None:
        self._sessions.pop(session.id, None)
        if self._live.get(session.uid) is session:
            del self._live[session.uid]
            log.info("no longer live: %s", session.uid)
            self._on_gone(session.uid)
        if isinstance(session, Publisher):
            stranded = [other for other in self._of(session.uid) if isinstance(other, Viewer)]
            if stranded:
                asyncio.get_running_loop().call_later(_LET_GO_AFTER_S, _let_go, stranded)

    def _of(self, uid: str) -> list[Session]:
        return [session for session in self._sessions.values() if session.uid == uid]


def _let_go(viewers: list[Viewer]) -> None:
    for viewer in viewers:
        viewer.end()


def _codecs(publisher: Publisher | None) -> dict[str, str]:
    return {} if publisher is None else {k: c[0].mimeType for k, c in publisher.codecs.items()}


def _frames(publisher: Publisher | None) -> dict[str, int]:
    return {} if publisher is None else {k: f.frames for k, f in publisher.fanouts.items()}
