"""Lifecycle, views and the manifests of the playback host.

Promises: `/lifecycle` says whether an input is live, unless `Quirks.whip_lifecycle` keeps it from
knowing; a manifest of an input that is not live, or
that is published by WHIP, is an empty 204 (documented and measured); HLS of a broadcast that came
by RTMP plays, while live and afterwards as a recording. A token is looked at for each playlist and
each segment: after its end the next one is refused.
Assumes (guesses): lifecycle answers without a token even where playback wants one
(`Quirks.signed_lifecycle`), and 404 for an unknown uid. Players and thumbnails are not simulated
(501), but refuse what may not be played.
"""

import json
from typing import Any

from aiohttp import web

from localnet.stream.broadcast.broadcasts import Broadcasts
from localnet.stream.broadcast.hls import PLAYLIST
from localnet.stream.model import StandInLiveInput
from localnet.stream.playback.signed_playback import Targets, wants_token
from localnet.stream.playback.token_verifier import UID, BadTokenError
from localnet.stream.quirks import Quirks
from localnet.stream.recordings import StandInRecordings
from localnet.stream.video import StandInVideo

NOT_SIMULATED = "not simulated here: only HLS, and only of what was sent by RTMP"
_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}


class StatusRoutes:
    """Handlers of what players and pages ask before they play."""

    def __init__(
        self,
        targets: Targets,
        recordings: StandInRecordings,
        broadcasts: Broadcasts,
        quirks: Quirks,
    ) -> None:
        self._targets = targets
        self._quirks = quirks
        self._broadcasts = broadcasts
        self._recordings = recordings
        self.viewers: dict[str, int] = {}

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/{segment}/lifecycle", self.lifecycle),
            web.get("/{segment}/views", self.views),
            web.get("/{segment}/manifest/{name}", self.manifest),
            web.get("/{segment}/iframe", self.player),
            web.get("/{segment}/watch", self.player),
            web.get("/{segment}/thumbnails/{name}", self.player),
        ]

    async def lifecycle(self, request: web.Request) -> web.Response:
        segment = request.match_info["segment"]
        found = self._targets.by_uid(segment) if UID.fullmatch(segment) else None
        closed = self._quirks.signed_lifecycle == "token"
        if found is None or (closed and wants_token(found)):
            found = self._playable(request)
        if not isinstance(found, StandInLiveInput):
            return _json({"isInput": False, "videoUID": found.uid, "live": False})
        current = self._recordings.current(found.uid)
        video = None if current is None else current.uid
        unseen = found.by_whip and self._quirks.whip_lifecycle == "unknown"
        return _json({"isInput": True, "videoUID": video, "live": found.is_live and not unseen})

    async def views(self, request: web.Request) -> web.Response:
        found = self._playable(request)
        return _json({"liveViewers": self.viewers.get(found.uid, 0)})

    async def manifest(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        found = self._playable(request)
        video = found.uid
        if isinstance(found, StandInLiveInput):
            current = self._recordings.current(found.uid)
            if not found.is_live or current is None:
                return web.Response(status=204)
            video = current.uid
        path = self._broadcasts.file(video, name)
        if path is not None:
            headers = {"Content-Type": _TYPES[path.suffix], "Cache-Control": "no-cache"}
            return web.FileResponse(path, headers=headers)
        if self._broadcasts.has(video) and name == PLAYLIST:
            return web.Response(status=204)
        if name not in (PLAYLIST, "video.mpd"):
            raise web.HTTPNotFound(text="Not Found")
        return web.Response(status=501, text=NOT_SIMULATED)

    async def player(self, request: web.Request) -> web.Response:
        self._playable(request)
        return web.Response(status=501, text=NOT_SIMULATED)

    def _playable(self, request: web.Request) -> StandInLiveInput | StandInVideo:
        """What the request's first segment plays. Raises 401 or 404."""
        try:
            found = self._targets.find(request.match_info["segment"], request.remote or "0.0.0.0")
        except BadTokenError:
            raise web.HTTPUnauthorized(text="Unauthorized") from None
        except LookupError:
            found = None
        if found is None:
            raise web.HTTPNotFound(text="Not Found")
        return found.item


def _json(body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, separators=(",", ":"))
    return web.Response(text=text, content_type="application/json")
