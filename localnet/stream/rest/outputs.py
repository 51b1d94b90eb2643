"""Routes of outputs (restreaming targets): kept and listed, nothing is sent to them.

At most 50 per input, as the documentation says (one source notes 5: not confirmed).
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from localnet.stream import errors
from localnet.stream.input_change import decode
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.rest.envelope import ok
from localnet.stream.rest.guard import RestGuard
from localnet.stream.rest.inputs import INPUT
from localnet.stream.store import Output, StandInStore

_OUTPUTS = INPUT + "/outputs"
_OUTPUT = _OUTPUTS + "/{output}"
_MOST = 50


class OutputRoutes:
    """Handlers over the store; the input is checked first."""

    def __init__(
        self,
        guard: RestGuard,
        inputs: LiveInputs,
        store: StandInStore,
        random_hex: Callable[[int], str],
    ) -> None:
        self._guard = guard
        self._inputs = inputs
        self._store = store
        self._random_hex = random_hex

    def table(self) -> list[web.RouteDef]:
        return [
            web.get(_OUTPUTS, self.list, allow_head=False),
            web.post(_OUTPUTS, self.create),
            web.put(_OUTPUT, self.update),
            web.delete(_OUTPUT, self.delete),
        ]

    async def list(self, request: web.Request) -> web.Response:
        uid = self._input(request, "read")
        return ok([_render(output) for output in self._store.outputs(uid)])

    async def create(self, request: web.Request) -> web.Response:
        uid = self._input(request, "write")
        raw = decode(await request.read())
        url, key, enabled = raw.get("url"), raw.get("streamKey"), raw.get("enabled", True)
        if not isinstance(url, str) or not url.startswith(("rtmp://", "rtmps://", "srt://")):
            raise errors.bad_request("url must be an RTMP or SRT address")
        if not isinstance(key, str) or not isinstance(enabled, bool):
            raise errors.bad_request("streamKey must be a string and enabled a boolean")
        if len(self._store.outputs(uid)) >= _MOST:
            raise errors.bad_request(f"a live input may have at most {_MOST} outputs")
        output = Output(self._random_hex(16), uid, url, key, enabled)
        self._store.put_output(output)
        return ok(_render(output))

    async def update(self, request: web.Request) -> web.Response:
        output = self._output(request)
        enabled = decode(await request.read()).get("enabled")
        if not isinstance(enabled, bool):
            raise errors.bad_request("enabled must be a boolean")
        changed = Output(output.uid, output.input, output.url, output.stream_key, enabled)
        self._store.put_output(changed)
        return ok(_render(changed))

    async def delete(self, request: web.Request) -> web.Response:
        self._store.drop_output(self._output(request).uid)
        return ok("")

    def _input(self, request: web.Request, permission: str) -> str:
        account = self._guard.account(request, permission)
        return self._inputs.get(account.id, request.match_info["uid"]).uid

    def _output(self, request: web.Request) -> Output:
        uid = self._input(request, "write")
        for output in self._store.outputs(uid):
            if output.uid == request.match_info["output"]:
                return output
        raise errors.not_found()


def _render(output: Output) -> dict[str, Any]:
    return {
        "uid": output.uid,
        "url": output.url,
        "streamKey": output.stream_key,
        "enabled": output.enabled,
    }
