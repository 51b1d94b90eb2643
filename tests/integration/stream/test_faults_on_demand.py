"""Trouble on demand, as a client feels it."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from localnet.stream.control import StandInError
from tests.integration.stream.conftest import Api


def _count(api: Api) -> int:
    return len(api.control.inputs())


def test_status__one_request__has_no_effect(api: Api) -> None:
    before = _count(api)
    api.control.fault("status", method="POST", path="live_inputs$", status=503, code=10001)
    assert api.codes(api.http.post(api.inputs, json={})) == (503, 10001)
    assert _count(api) == before
    assert api.http.post(api.inputs, json={}).status_code == 200


def test_html__gateway_page__is_no_json(api: Api) -> None:
    api.control.fault("html", status=521)
    response = api.http.get(api.inputs)
    assert response.status_code == 521
    assert response.headers["content-type"].startswith("text/html")


def test_429__injected__tells_when_to_come_back(api: Api) -> None:
    api.control.fault("429", retry_after=7)
    response = api.http.get(api.inputs)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


def test_lost_answer__create__made_the_input(api: Api) -> None:
    before = _count(api)
    api.control.fault("lost-answer-after-effect", method="POST", path="live_inputs$")
    with pytest.raises(httpx.TransportError):
        api.create({}, "lost")
    assert _count(api) == before + 1
    api.create({}, "lost")
    assert _count(api) == before + 1


def test_connection_reset__create__made_nothing(api: Api) -> None:
    before = _count(api)
    api.control.fault("connection-reset", method="POST")
    with pytest.raises(httpx.TransportError):
        api.create()
    assert _count(api) == before


def test_truncated__create__made_the_input_and_half_an_answer(api: Api) -> None:
    before = _count(api)
    api.control.fault("truncated", method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        api.create()
    assert _count(api) == before + 1


def test_hang__client_gives_up__no_effect_and_others_are_served(api: Api) -> None:
    before = _count(api)
    api.control.fault("hang", method="POST")
    with pytest.raises(httpx.ReadTimeout):
        api.http.post(api.inputs, json={}, timeout=0.2)
    assert _count(api) == before


def test_hang__after_the_effect__made_the_input(api: Api) -> None:
    before = _count(api)
    api.control.fault("hang", method="POST", when="after")
    with pytest.raises(httpx.ReadTimeout):
        api.http.post(api.inputs, json={}, timeout=0.5)
    assert _count(api) == before + 1


def test_delay__some_time__answers_late(api: Api) -> None:
    api.control.fault("delay", seconds=0.2)
    began = time.monotonic()
    assert api.http.get(api.inputs).status_code == 200
    assert time.monotonic() - began >= 0.2


def test_journal__faults_and_answers__are_written_down_without_secrets(api: Api) -> None:
    made = api.create({}, "journal-key")
    last = api.control.requests()[-1]["n"]
    api.control.fault("connection-reset", path="webRTC")
    with pytest.raises(httpx.TransportError):
        httpx.post(made["webRTC"]["url"])
    api.http.get(f"{api.inputs}/{made['uid']}")
    reset, read = api.control.requests(since=last)
    assert reset["path"] == "/<secret>/webRTC/publish"
    assert (reset["status"], reset["fault"]) == (None, "connection-reset")
    assert (read["status"], read["fault"]) == (200, None)
    (created,) = [seen for seen in api.control.requests() if seen["n"] == last]
    assert created["idempotency_key"] == "journal-key"


def test_fault__malformed__is_refused_with_the_reason(api: Api) -> None:
    with pytest.raises(StandInError, match="kind must be one of"):
        api.control.fault("fire")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_control__without_its_token__is_refused(api: Api, headers: dict[str, str]) -> None:
    for path in ("inputs", "secrets", "requests", "nothing"):
        url = f"{api.standin.public_base}/_standin/{path}"
        response = httpx.get(url, headers=headers)
        assert response.status_code == 403
        assert "uid" not in response.text
    assert httpx.get(f"{api.standin.public_base}/_standin/health").json()["ok"] is True


PAGE = "http://page.example"
PREFLIGHT = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
MADE = [("status", {"status": 503}), ("html", {}), ("429", {"retry_after": 7})]


@pytest.mark.parametrize(("kind", "params"), MADE)
def test_playback_fault__asked_by_a_page__status_and_retry_after_can_be_read(
    api: Api, kind: str, params: dict[str, Any]
) -> None:
    url = f"{api.standin.public_base}/{api.create()['uid']}/webRTC/play"
    api.control.fault(kind, path="webRTC/play", **params)
    assert httpx.options(url, headers=PREFLIGHT).status_code == 204
    response = httpx.post(url, headers={"Origin": PAGE})
    assert response.status_code >= 429
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in response.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(("kind", "params"), MADE)
def test_playback_fault__of_a_proxy__no_page_can_read_it(
    api: Api, kind: str, params: dict[str, Any]
) -> None:
    url = f"{api.standin.public_base}/{api.create()['uid']}/lifecycle"
    api.control.fault(kind, path="lifecycle", cors=False, **params)
    response = httpx.get(url, headers={"Origin": PAGE})
    assert response.status_code >= 429
    assert "Access-Control-Allow-Origin" not in response.headers
    assert httpx.get(url).headers["Access-Control-Allow-Origin"] == "*"


def test_playback_fault__that_names_the_preflight__meets_it(api: Api) -> None:
    url = f"{api.standin.public_base}/{api.create()['uid']}/webRTC/play"
    api.control.fault("html", method="OPTIONS", path="webRTC/play", cors=False)
    assert httpx.options(url, headers=PREFLIGHT).status_code == 502
    assert httpx.options(url, headers=PREFLIGHT).status_code == 204


def test_api_fault__asked_by_a_page__stays_unreadable_as_the_api_is(api: Api) -> None:
    api.control.fault("429")
    response = api.http.get(api.inputs, headers={"Origin": PAGE})
    assert response.status_code == 429
    assert "Access-Control-Allow-Origin" not in response.headers
