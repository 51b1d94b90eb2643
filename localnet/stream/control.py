"""Client of the stand-in for tests and for the local stack: its process and its controls.

    with StandIn.start(directory) as standin:
        httpx.get(f"{standin.api_base}/accounts/{standin.account_id}/stream/live_inputs",
                  headers=standin.headers)
        standin.control.fault("lost-answer-after-effect", method="POST", path="live_inputs$")

Promises: `stop` and leaving the `with` end the process, whatever happened; should this process
die instead, the stand-in ends, too (`localnet.process`).
Assumes: one user per state directory. Synchronous; errors are `StandInError`.
On restart: `restart` (after `kill` too) keeps port, state and credentials.
"""

import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from localnet.loopback import client
from localnet.process import Program, ProgramError
from localnet.stream.middleware.faults import ANY_METHOD

_PATIENCE_S = 20.0


class StandInError(RuntimeError):
    """The stand-in did not start, or refused a control call; the message says why."""


class StandInControl:
    """The control surface under `/_standin`. Every call raises StandInError if refused."""

    def __init__(self, origin: str, token: str) -> None:
        self._http = client(f"{origin}/_standin/", headers={"Authorization": f"Bearer {token}"})

    def close(self) -> None:
        self._http.close()

    def fault(
        self,
        kind: str,
        *,
        method: str = ANY_METHOD,
        path: str = ".*",
        times: int | None = 1,
        skip: int = 0,
        probability: float = 1.0,
        **params: Any,
    ) -> int:
        """Sets a fault, returns its number. `method` must match whole, `path` somewhere.

        `kind` and `params` as in `middleware.faults.KINDS`; `times` None is for ever. `cors=False`
        makes an answer that no page of another origin may read, as a proxy's.
        """
        body = {
            "kind": kind,
            "method": method,
            "path": path,
            "times": times,
            "skip": skip,
            "probability": probability,
            "params": params,
        }
        return int(self._call("POST", "faults", body)["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The rules set, with how often each was used."""
        return list(self._call("GET", "faults"))

    def clear_faults(self) -> None:
        self._call("DELETE", "faults")

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """Requests seen: n, at, ray, method, path, status (None: no answer), fault,
        idempotency_key."""
        return list(self._call("GET", f"requests?since={since}"))

    def clear_requests(self) -> None:
        self._call("DELETE", "requests")

    def inputs(self, *, deleted: bool = False) -> list[dict[str, Any]]:
        """Every live input of every account with its secrets, `account` and `deleted`."""
        return list(self._call("GET", f"inputs?deleted={str(deleted).lower()}"))

    def secrets(self) -> list[dict[str, str]]:
        """Every secret ever issued, also rotated and deleted ones: uid, kind, value."""
        return list(self._call("GET", "secrets"))

    def set_rate_limit(self, requests: int, window_s: float) -> None:
        """`requests` per `window_s`; 0 is no limit. Every budget starts full."""
        self._call("PUT", "ratelimit", {"requests": requests, "window_s": window_s})

    def set_quirks(self, **quirks: str) -> None:
        """Switches of `quirks.Quirks`."""
        self._call("PUT", "quirks", quirks)

    def advance_clock(self, seconds: float) -> None:
        """Moves the stand-in's clock forward (idempotency keys, rate windows, retention)."""
        self._call("POST", "clock", {"advance_s": seconds})

    def mark_live(self, uid: str, protocol: str = "webrtc") -> None:
        """As if a publisher had connected; `rtmp` and `srt` start a recording. No media."""
        self._call("POST", f"inputs/{uid}/live", {"protocol": protocol})

    def mark_disconnected(self, uid: str) -> None:
        """As if the publisher had left."""
        self._call("POST", f"inputs/{uid}/disconnect", {})

    def media(self) -> dict[str, dict[str, Any]]:
        """By uid, where there are sessions: live, session, codecs, frames, viewers."""
        return dict(self._call("GET", "media"))

    def set_media(self, uid: str, state: str) -> None:
        """`frozen`: sessions stay, no frame passes; `cut`: sessions end and none can begin;
        `flowing` undoes both."""
        self._call("PUT", f"inputs/{uid}/media", {"state": state})

    def add_recording(self, uid: str, duration: float = 60.0) -> str:
        """A finished recording; returns the video's uid."""
        return str(self._call("POST", f"inputs/{uid}/recordings", {"duration": duration})["uid"])

    def set_views(self, uid: str, viewers: int) -> None:
        self._call("PUT", f"inputs/{uid}/views", {"viewers": viewers})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            response = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise StandInError(f"stream stand-in: {method} {path}: {error}") from error
        if response.is_error:
            raise StandInError(f"stream stand-in: {method} {path}: {response.text}")
        return response.json()


class StandIn:
    """A running stand-in. Make one with `start`."""

    def __init__(self, state: Path, arguments: Sequence[str]) -> None:
        self.state = state
        self._arguments = list(arguments)
        self._process: Program | None = None
        self._ports: list[str] = []
        self.control: StandInControl
        self._launch()
        self.api_base = self._endpoint["api_base"]
        self.public_base = self._endpoint["public_base"]

    @classmethod
    def start(
        cls,
        state: Path,
        *,
        port: int = 0,
        public_base: str | None = None,
        accounts: Path | None = None,
        rate: tuple[int, float] = (1200, 300.0),
        seed: int = 0,
        rtmp: bool = False,
    ) -> Self:
        """Starts the process and waits until it listens.

        `state` is its directory (made if missing); `port` 0 takes a free one; `accounts` a file as
        `accounts.py` describes, else one account is made; `rate` is calls per seconds; `rtmp` takes
        broadcasts on a port of its own.
        Raises StandInError with its stderr if it does not come up.
        """
        arguments = ["--state", str(state), "--seed", str(seed)]
        arguments += ["--rate-requests", str(rate[0]), "--rate-window", str(rate[1])]
        if public_base is not None:
            arguments += ["--public-base", public_base]
        if accounts is not None:
            arguments += ["--accounts", str(accounts)]
        if port:
            arguments += ["--port", str(port)]
        if rtmp:
            arguments += ["--rtmp-port", "0"]
        return cls(state, arguments)

    @property
    def account(self) -> dict[str, Any]:
        """The first account of the accounts file: id, tokens, keys."""
        path = self.state / "accounts.json"
        if "--accounts" in self._arguments:
            path = Path(self._arguments[self._arguments.index("--accounts") + 1])
        first: dict[str, Any] = json.loads(path.read_text())["accounts"][0]
        return first

    @property
    def account_id(self) -> str:
        return str(self.account["id"])

    @property
    def token(self) -> str:
        """An API token of the first account. A secret."""
        return str(self.account["tokens"][0]["token"])

    @property
    def headers(self) -> dict[str, str]:
        """What a client of the REST API sends."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def pid(self) -> int:
        return 0 if self._process is None else self._process.pid

    def stop(self) -> None:
        """SIGTERM, then SIGKILL if it takes over five seconds. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        self.control.close()
        process.stop(5.0)

    def kill(self) -> None:
        """SIGKILL, as a crash."""
        process, self._process = self._process, None
        if process is not None:
            self.control.close()
            process.kill()

    def restart(self) -> None:
        """A new process on the same port and state; `stop` or `kill` it first, or it is stopped."""
        self.stop()
        self._launch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        endpoint = self.state / "endpoint.json"
        endpoint.unlink(missing_ok=True)
        command = [sys.executable, "-m", "localnet.stream", *self._arguments, *self._ports]
        self.log = self.state / "stream.log"
        process = Program("stream", command, self.log, orphaned=signal.SIGTERM)
        try:
            process.wait_ready(endpoint.exists, _PATIENCE_S)
        except BaseException as error:
            process.kill()
            if isinstance(error, ProgramError):
                raise StandInError(f"stream stand-in did not start: {error}") from None
            raise
        self._endpoint: dict[str, Any] = json.loads(endpoint.read_text())
        self._process = process
        self._ports = ["--port", str(self._endpoint["port"])]
        if self._endpoint["rtmp_port"] is not None:
            self._ports += ["--rtmp-port", str(self._endpoint["rtmp_port"])]
        origin = str(self._endpoint["api_base"]).removesuffix("/client/v4")
        token = (self.state / "control-token").read_text().strip()
        self.control = StandInControl(origin, token)
