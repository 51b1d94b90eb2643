"""What the answers of the playback host prove, and what they do not."""

from __future__ import annotations

import httpx
import pytest

from oracle.cloudflare import response_parser
from oracle.cloudflare.transport import Transport
from oracle.playback_proof import ProofVerdict, judge, prove
from tests.support.manual_clock import ManualClock
from tests.support.playback_keys import playback_key
from tests.unit.oracle import samples

PROVEN, NOT_PROVEN, WRONG = ProofVerdict.PROVEN, ProofVerdict.NOT_PROVEN, ProofVerdict.WRONG


@pytest.mark.parametrize(
    ("plain", "signed", "verdict"),
    [
        (401, 204, PROVEN),
        (403, 200, PROVEN),
        (401, 409, PROVEN),
        (401, 400, PROVEN),
        (401, 401, WRONG),
        (204, 403, WRONG),
        (200, 200, WRONG),
        (201, 201, WRONG),
        (204, 204, NOT_PROVEN),
        (409, 409, NOT_PROVEN),
        (400, 400, NOT_PROVEN),
        (404, 404, NOT_PROVEN),
        (None, 204, NOT_PROVEN),
        (401, None, NOT_PROVEN),
        (401, 502, NOT_PROVEN),
        (503, 204, NOT_PROVEN),
    ],
)
def test_judge__of_two_statuses__says_no_more_than_they_prove(
    plain: int | None, signed: int | None, verdict: ProofVerdict
) -> None:
    assert judge("HLS", plain, signed).verdict is verdict


async def test_prove__asks_by_uid_and_by_token__and_tells_no_token() -> None:
    live = response_parser.live_input(samples.live_input())
    asked: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        segment = request.url.path.split("/")[1]
        asked.append(segment)
        assert "authorization" not in request.headers
        return httpx.Response(401 if segment == live.uid else 204)

    clock = ManualClock()
    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as http:
        found = await prove(Transport(http, clock), live, playback_key(), clock.now())
    assert [(finding.way, finding.verdict) for finding in found] == [
        ("WHEP", PROVEN),
        ("HLS", PROVEN),
    ]
    tokens = [segment for segment in asked if segment != live.uid]
    assert len(tokens) == 2
    assert not any(token in str(found) for token in tokens)


async def test_prove__no_address_or_no_network__is_not_proven() -> None:
    live = response_parser.live_input(samples.live_input() | {"webRTCPlayback": None})

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http:
        found = await prove(Transport(http, ManualClock()), live, playback_key(), 1.0)
    assert {finding.verdict for finding in found} == {NOT_PROVEN}
