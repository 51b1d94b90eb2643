"""Puts the stand-in together.

Promises: `build` wires every part over one state directory and gives an aiohttp application;
clock and randomness are handed in.
On restart: `build` over the same directory goes on where the last process stopped.
"""

import asyncio
import random
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from localnet.stream.accounts import StandInAccounts
from localnet.stream.broadcast.broadcasts import Broadcasts
from localnet.stream.clock import ShiftedClock, StandInClock, StandInSystemClock
from localnet.stream.live_inputs import LiveInputs, RandomHex
from localnet.stream.middleware.faults import PlannedFaults
from localnet.stream.middleware.middleware import CONTROL_PREFIX, StandInMiddleware
from localnet.stream.middleware.rate_limit import StandInRateLimit
from localnet.stream.middleware.request_journal import RequestJournal
from localnet.stream.model import RTMPS_URL
from localnet.stream.ops.inputs import OpsInputRoutes
from localnet.stream.ops.media import OpsMediaRoutes
from localnet.stream.ops.routes import CLOCK_OFFSET, OpsRoutes, control_guard
from localnet.stream.playback.cors import cors
from localnet.stream.playback.media import Media
from localnet.stream.playback.signed_playback import Targets, TokenSigner
from localnet.stream.playback.status import StatusRoutes
from localnet.stream.playback.webrtc import WebRtcRoutes
from localnet.stream.playback.whep_ends import WhepEnds
from localnet.stream.quirks import Quirks
from localnet.stream.recordings import StandInRecordings
from localnet.stream.rest.guard import RestGuard
from localnet.stream.rest.inputs import InputRoutes
from localnet.stream.rest.outputs import OutputRoutes
from localnet.stream.rest.playback_tokens import PlaybackTokenRoutes
from localnet.stream.rest.signing_keys import SigningKeyRoutes
from localnet.stream.rest.tokens import TokenRoutes
from localnet.stream.rest.videos import VideoRoutes
from localnet.stream.signing_keys import SigningKeys
from localnet.stream.store import StandInStore

API_PREFIX = "/client/v4"


@dataclass(frozen=True, slots=True)
class StandInConfig:
    """What a stand-in is started with. `public_base` is the origin of playback URLs, `rtmp` a
    listening socket for broadcasts (without one, inputs carry Cloudflare's own address)."""

    state: Path
    accounts: StandInAccounts
    control_token: str = field(repr=False)
    public_base: str
    rate_requests: int = 1200
    rate_window_s: float = 300.0
    seed: int = 0
    rtmp: socket.socket | None = None


def build(
    config: StandInConfig,
    *,
    clock: StandInClock | None = None,
    random_hex: RandomHex = secrets.token_hex,
) -> web.Application:
    """The application. Raises StateInUseError if another process has the state directory."""
    store = StandInStore(config.state, _rtmps_url(config))
    shifted = ShiftedClock(clock or StandInSystemClock(), float(store.fact(CLOCK_OFFSET) or 0.0))
    quirks = Quirks()
    limit = StandInRateLimit(shifted, config.rate_requests, config.rate_window_s)
    recordings = StandInRecordings(store, shifted, random_hex)
    inputs = LiveInputs(store, shifted, random_hex, quirks, recordings, config.public_base)
    keys = SigningKeys(store, shifted, random_hex)
    signer = TokenSigner(keys, shifted)
    targets = Targets(inputs, store, keys, shifted)
    journal = RequestJournal()
    faults = PlannedFaults(random.Random(config.seed))
    broadcasts = Broadcasts(config.state, inputs, recordings)
    status = StatusRoutes(targets, recordings, broadcasts, quirks)
    media = Media(inputs, random_hex, quirks)

    guard = RestGuard(config.accounts, limit)
    api = web.Application(middlewares=[guard.middleware()])
    api.add_routes(InputRoutes(guard, inputs, quirks).table())
    api.add_routes(OutputRoutes(guard, inputs, store, random_hex).table())
    api.add_routes(SigningKeyRoutes(guard, keys).table())  # before videos: /keys is no video
    api.add_routes(VideoRoutes(guard, inputs, recordings).table())
    api.add_routes(PlaybackTokenRoutes(guard, targets, signer).table())
    api.add_routes(TokenRoutes(config.accounts).table())

    ops = web.Application(middlewares=[control_guard(config.control_token)])
    ops.add_routes(OpsRoutes(faults, journal, limit, quirks, shifted, store).table())
    ops.add_routes(OpsInputRoutes(inputs, recordings, store, status).table())
    ops.add_routes(OpsMediaRoutes(inputs, media).table())

    edge = StandInMiddleware(journal, faults, shifted, random_hex)
    app = web.Application(middlewares=[edge.middleware(), cors])
    app.add_subapp(API_PREFIX, api)
    app.add_subapp(CONTROL_PREFIX, ops)
    app.add_routes(status.table())
    ends = WhepEnds(shifted, media, quirks)
    app.add_routes(WebRtcRoutes(inputs, targets, media, ends).table())

    async def listen(_: web.Application) -> None:
        if config.rtmp is not None:
            await broadcasts.start(config.rtmp)

    async def hang_up(_: web.Application) -> None:
        await asyncio.gather(media.close(), broadcasts.close())

    async def close(_: web.Application) -> None:
        store.close()

    app.on_startup.append(listen)
    app.on_shutdown.append(hang_up)
    app.on_cleanup.append(close)
    return app


def _rtmps_url(config: StandInConfig) -> str:
    if config.rtmp is None:
        return RTMPS_URL
    host, port = config.rtmp.getsockname()[:2]
    return f"rtmp://{host}:{port}/live/"
