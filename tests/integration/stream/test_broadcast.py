"""BROADCAST inputs: RTMP in, HLS out, recordings that play."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from localnet.stream.broadcast.encoding import AUDIO_CODEC, GOP, VIDEO_CODEC
from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from tests.integration.stream.conftest import Api, client
from tests.support.signed_tokens import SigningPen

ROOT = Path(__file__).resolve().parents[3]
RECORDED = {"meta": {"name": "b"}, "recording": {"mode": "automatic"}}


@pytest.fixture(scope="module")
def broadcaster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    state = tmp_path_factory.mktemp("broadcast")
    with (
        StandIn.start(state, rate=(0, 300.0), rtmp=True) as standin,
        client(standin, standin.account_id, standin.headers) as api,
    ):
        yield api


class Encoder:
    """A running encoder; with `hold` it stays connected until `stop`."""

    def __init__(
        self, made: dict[str, Any], seconds: float = 3, hold: bool = True, **given: str
    ) -> None:
        url = made["rtmps"]["url"] + made["rtmps"]["streamKey"]
        command = [sys.executable, "-m", "tests.integration.stream.encoder", url, str(seconds)]
        self.process = subprocess.Popen(
            command + (["hold"] if hold else []) + [f"{k}={v}" for k, v in given.items()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> int:
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self.process.wait(20)


@pytest.fixture
def encode() -> Iterator[Callable[..., Encoder]]:
    running: list[Encoder] = []

    def start(*args: Any, **options: Any) -> Encoder:
        running.append(Encoder(*args, **options))
        return running[-1]

    yield start
    for encoder in running:
        encoder.process.kill()
        encoder.stop()


def _playlist(api: Api, uid: str) -> httpx.Response:
    return httpx.get(f"{api.standin.public_base}/{uid}/manifest/video.m3u8")


def _live(api: Api, uid: str) -> bool:
    return bool(httpx.get(f"{api.standin.public_base}/{uid}/lifecycle").json()["live"])


def _segments(text: str) -> int:
    return text.count(".ts")


def _wait_playlist(api: Api, uid: str, wanted: Callable[[str], bool]) -> httpx.Response:
    def found() -> httpx.Response | None:
        answer = _playlist(api, uid)
        return answer if wanted(answer.text) else None

    answer = wait_until(found, what="the playlist")
    assert answer is not None
    return answer


def test_broadcast__encoder_on_air__plays_as_hls_and_is_recorded(
    broadcaster: Api, encode: Callable[..., Encoder]
) -> None:
    api = broadcaster
    made = api.create(RECORDED)
    uid = made["uid"]
    assert made["rtmps"]["url"].startswith("rtmp://127.0.0.1:")
    assert _playlist(api, uid).status_code == 204
    encoder = encode(made)
    playing = _wait_playlist(api, uid, lambda text: _segments(text) >= 2)
    assert playing.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert playing.headers["Access-Control-Allow-Origin"] == "*"
    assert "#EXT-X-ENDLIST" not in playing.text
    status = api.http.get(f"{api.inputs}/{uid}").json()["result"]["status"]["current"]
    assert (status["state"], status["ingestProtocol"]) == ("connected", "rtmp")
    video = httpx.get(f"{api.standin.public_base}/{uid}/lifecycle").json()["videoUID"]

    assert encoder.stop() == 0
    wait_until(lambda: not _live(api, uid), what="the end")
    assert _playlist(api, uid).status_code == 204
    recording = _wait_playlist(api, video, lambda text: "#EXT-X-ENDLIST" in text)
    assert _segments(recording.text) == 3
    with av.open(f"{api.standin.public_base}/{video}/manifest/video.m3u8") as played:
        assert sum(1 for _ in played.decode(video=0)) == 90
    path = f"/accounts/{api.account}/stream/{video}"
    assert api.http.get(path).json()["result"]["status"]["state"] == "ready"
    api.http.delete(path)
    assert _playlist(api, video).status_code == 404
    assert not list((api.standin.state / "hls").glob(video))


def test_scenario_34__signed_broadcast__after_exp_playlist_and_segment_are_refused(
    broadcaster: Api, encode: Callable[..., Encoder]
) -> None:
    api = broadcaster
    made = api.create({"recording": {"mode": "automatic", "requireSignedURLs": True}})
    key = api.http.post(f"/accounts/{api.account}/stream/keys").json()["result"]
    now = httpx.get(f"{api.standin.public_base}/_standin/health").json()["now"]
    token = SigningPen(key["id"], key["pem"]).token(made["uid"], now + 600)
    encoder = encode(made)
    playing = _wait_playlist(api, token, lambda text: _segments(text) >= 2)
    name = next(line for line in playing.text.splitlines() if ".ts" in line)
    segment = playing.url.join(name)
    assert token in segment.path
    assert httpx.get(segment).status_code == 200
    assert httpx.get(str(segment).replace(token, made["uid"])).status_code == 401
    api.control.advance_clock(600)
    assert [httpx.get(each).status_code for each in (playing.url, segment)] == [401, 401]
    assert encoder.stop() == 0


def test_broadcast__wrong_or_rotated_key__is_refused(
    broadcaster: Api, encode: Callable[..., Encoder]
) -> None:
    made = broadcaster.create(RECORDED)
    broadcaster.http.post(f"{broadcaster.inputs}/{made['uid']}/rotate_keys")
    assert encode(made, hold=False).process.wait(20) == 3
    assert not _live(broadcaster, made["uid"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"audio": "libmp3lame"}, AUDIO_CODEC),
        ({"video": "flv"}, VIDEO_CODEC),
        ({"gop": "11"}, GOP),
    ],
    ids=["mp3", "sorenson", "gop-11-s"],
)
def test_broadcast__that_cloudflare_does_not_take__is_ended_and_the_status_says_why(
    broadcaster: Api, encode: Callable[..., Encoder], given: dict[str, str], code: str
) -> None:
    api = broadcaster
    made = api.create(RECORDED)
    assert encode(made, seconds=3600, **given).process.wait(20) == 3

    def current() -> dict[str, Any]:
        status = api.http.get(f"{api.inputs}/{made['uid']}").json()["result"]["status"]
        return dict(status["current"])

    wait_until(lambda: current()["state"] == "disconnected", what="the end")
    assert current()["reason"] == code
    assert not _live(api, made["uid"])
    assert _playlist(api, made["uid"]).status_code == 204


def test_broadcast__key_frame_every_ten_seconds__is_taken(
    broadcaster: Api, encode: Callable[..., Encoder]
) -> None:
    made = broadcaster.create(RECORDED)
    assert encode(made, seconds=25, hold=False, gop="10").process.wait(30) == 0


@pytest.mark.parametrize("how", ["disable", "delete", "rotate_keys"])
def test_broadcast__revoked_on_air__is_cut_off(
    broadcaster: Api, encode: Callable[..., Encoder], how: str
) -> None:
    api = broadcaster
    made = api.create(RECORDED)
    path = f"{api.inputs}/{made['uid']}"
    encoder = encode(made, seconds=3600)
    wait_until(lambda: _live(api, made["uid"]), what="live")
    if how == "delete":
        api.http.delete(path)
    else:
        api.http.post(f"{path}/{how}")
        assert not _live(api, made["uid"])
    assert encoder.process.wait(20) == 3
    query = {"live_input_id": made["uid"]}
    (video,) = api.http.get(f"/accounts/{api.account}/stream", params=query).json()["result"]
    assert video["status"]["state"] == "ready"


def test_broadcast__recording_off__is_live_without_hls(
    broadcaster: Api, encode: Callable[..., Encoder]
) -> None:
    made = broadcaster.create()
    encoder = encode(made, seconds=1)
    wait_until(lambda: _live(broadcaster, made["uid"]), what="live")
    assert _playlist(broadcaster, made["uid"]).status_code == 204
    assert encoder.stop() == 0
    wait_until(lambda: not _live(broadcaster, made["uid"]), what="the end")


def test_broadcast__a_second_encoder__takes_over(
    broadcaster: Api, encode: Callable[..., Encoder]
) -> None:
    made = broadcaster.create(RECORDED)
    first = encode(made, seconds=3600)
    wait_until(lambda: _live(broadcaster, made["uid"]), what="live")
    second = encode(made, seconds=2)
    assert first.process.wait(20) == 3
    assert _live(broadcaster, made["uid"])
    assert second.stop() == 0


def test_broadcast__killed_on_air__the_recording_is_closed_at_the_next_start(
    encode: Callable[..., Encoder], tmp_path: Path
) -> None:
    with (
        StandIn.start(tmp_path, rtmp=True) as standin,
        client(standin, standin.account_id, standin.headers) as api,
    ):
        made = api.create(RECORDED)
        encode(made)
        wait_until(lambda: _segments(_playlist(api, made["uid"]).text) >= 2, what="segments")
        video = httpx.get(f"{standin.public_base}/{made['uid']}/lifecycle").json()["videoUID"]
        standin.kill()
        standin.restart()
        assert not _live(api, made["uid"])
        assert "#EXT-X-ENDLIST" in _playlist(api, video).text
        again = api.http.get(f"{api.inputs}/{made['uid']}").json()["result"]
        assert again["rtmps"] == made["rtmps"]


@pytest.mark.parametrize("name", ["video.mpd", "seg00000.ts", "seg1.ts", "..%2Faccounts.json", "x"])
def test_manifest__what_there_is_not__says_so(broadcaster: Api, name: str) -> None:
    uid = broadcaster.create(RECORDED)["uid"]
    video = broadcaster.control.add_recording(uid)
    response = httpx.get(f"{broadcaster.standin.public_base}/{video}/manifest/{name}")
    assert response.status_code == (501 if name == "video.mpd" else 404)


def test_rtmp__nonsense__ends_the_connection_and_nothing_else(broadcaster: Api) -> None:
    endpoint = broadcaster.create()["rtmps"]["url"]
    port = int(endpoint.split(":")[2].split("/")[0])
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\x03" + bytes(3072) + b"\xff" * 4096):
        with socket.create_connection(("127.0.0.1", port), timeout=15) as raw:
            raw.sendall(nonsense)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass
    assert broadcaster.create()["uid"]
