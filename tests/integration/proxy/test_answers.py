"""What the proxy keeps, for how long, and what it makes of the answers that pass through it."""

from __future__ import annotations

import gzip
import json
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.problems import CATALOGUE
from localnet.mongo import MongoServer
from localnet.process import ROOT
from localnet.runner import Runner
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex
from tests.integration.proxy.conftest import Site, start_api
from tests.support.indexer.contract_story import ALICE, ContractStory
from tests.support.proxy.nginx import Nginx
from tests.support.proxy.short_lived import ShortLived

JOIN = "/api/livestream/join?room_id=live_1"
NAMED = "/api/livestream/rooms?room_id=live_2&room_id=live_1"
CHANNEL = f"/api/livestream/hosts/{ALICE}"
STATUS = "X-Cache-Status"


def asset() -> str:
    """A hashed file that the page names."""
    page = (ROOT / "dapp" / "dist" / "index.html").read_text(encoding="utf-8")
    found = re.search(r"/assets/[\w-]+\.js", page)
    assert found
    return found[0]


def cache_of(answer: httpx.Response) -> str | None:
    found: str | None = answer.headers.get(STATUS)
    return found


def content_of(answer: httpx.Response) -> str:
    """What its ETag says of its content; the rest is its finality."""
    return str(answer.headers["ETag"]).partition("-")[0]


def test_answer__asked_for_again__miss_then_hit_then_fresh_with_the_new_position(
    site: Site,
) -> None:
    number = site.index.story.live(title="Mới")
    site.index.write()
    room = f"/api/livestream/rooms/live_{number}"
    with site.proxy.client() as client:
        wait_until(lambda: site.api.get(room).status_code == 200, what="the room is indexed")
        first, second = client.get(room), client.get(room)
        assert [cache_of(first), cache_of(second)] == ["MISS", "HIT"]
        assert first.json() == second.json()
        assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
        site.index.story.live(title="Sau đó")  # elsewhere: the room is the same, the index is not
        site.index.write()
        block = site.index.story.block
        wait_until(
            lambda: client.get(room).json()["index"]["block"] == block, 5, "the new position"
        )
        again = client.get(room)
        assert content_of(again) == content_of(first)
        assert f"block={block}," in again.headers["Index-Position"]


def test_answer__known_by_its_etag__304_from_proxy_and_browser_alike(site: Site) -> None:
    with site.proxy.client() as client:
        for path in (JOIN, NAMED, CHANNEL, "/", asset()):
            first = client.get(path)
            assert first.status_code == 200
            same = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
            assert same.status_code == 304, path
            assert same.headers["ETag"] == first.headers["ETag"]
            assert same.content == b""


def test_hint__given_twice__reaches_the_api_each_time(site: Site) -> None:
    room = f"/api/livestream/rooms/live_{site.index.story.live()}"
    site.index.write()
    wait_until(lambda: site.api.get(room).status_code == 200, what="the room is indexed")
    with site.proxy.client() as client:
        answers = [client.post(f"{room}/hint") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 2


def test_page__its_files__kept_for_a_year_and_its_documents_revalidated(site: Site) -> None:
    with site.proxy.client() as client:
        file = asset()
        client.get(file)
        kept = client.get(file)
        assert cache_of(kept) == "HIT"
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for document in ("/", "/room/live_1", "/audit"):
            assert client.get(document).headers["Cache-Control"] == "no-cache"


def test_picture__of_a_shared_link__kept_by_its_own_address(site: Site) -> None:
    with site.proxy.client() as client:
        path = "/preview/room/live_1/no-digest-of-ours.png"
        drawn, kept = client.get(path), client.get(path)
        assert [cache_of(drawn), cache_of(kept)] == ["MISS", "HIT"]
        assert kept.headers["Cache-Control"] == "public, max-age=60"
        assert kept.headers["Content-Type"] == "image/png"
        assert drawn.content == kept.content and drawn.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("path", [JOIN, "/", "/docs", "ASSET", "/embed/live_1", "/healthz"])
def test_headers__through_the_proxy__the_api_s_own_each_once(site: Site, path: str) -> None:
    path = path.replace("ASSET", asset())
    ours = {"x-cache-status", "server", "connection", "content-encoding", "transfer-encoding"}
    own = {**site.api.get(path, **{"X-Forwarded-Proto": "https"}).headers}
    with site.proxy.client() as client:
        for _ in range(2):  # made, and kept
            raw = [name.decode().lower() for name, _ in client.get(path).headers.raw]
            assert len(raw) == len(set(raw)), "a header is doubled"
            assert set(own) - ours - {"content-length"} <= set(raw)
            assert set(raw) - ours <= set(own) | {"vary"}
            assert "strict-transport-security" in raw


def test_answer__zipped__what_is_text_and_asked_for_so(site: Site) -> None:
    with site.proxy.client() as client:
        for path in (JOIN, "/", asset(), "/openapi.json"):
            packed = client.send(
                client.build_request("GET", path, headers={"Accept-Encoding": "gzip"}), stream=True
            )
            body = b"".join(packed.iter_raw())
            plain = client.get(path, headers={"Accept-Encoding": "identity"})
            assert packed.headers["Content-Encoding"] == "gzip", path
            assert "Accept-Encoding" in packed.headers["Vary"]
            assert len(body) < len(plain.content)
            assert len(gzip.decompress(body)) == len(plain.content) or path == JOIN
            assert "Content-Encoding" not in plain.headers


@pytest.fixture
def own_site(mongo: MongoServer, mongo_database: str, children: Runner) -> Iterator[Site]:
    """A site to break."""
    story = ContractStory()
    story.live()
    with closing(StoredIndex(mongo, mongo_database, story)) as index:
        api = children.keep(start_api(children.new_folder("api"), index))
        proxy = children.keep(Nginx(children.new_folder("nginx"), f"127.0.0.1:{api.port}"))
        yield Site(proxy, api, index)


def test_answer__database_away_then_api_away__stale_and_elsewhere_a_problem(own_site: Site) -> None:
    site = own_site
    with site.proxy.client() as client:
        known, page = client.get(JOIN), client.get("/")
        assert (known.status_code, page.status_code) == (200, 200)
        site.index.client.drop_database(site.index.name)
        wait_until(lambda: site.api.get(JOIN).status_code == 503, what="the API says 503")
        stale = wait_until(lambda: a if cache_of(a := client.get(JOIN)) == "STALE" else None)
        assert stale is not None
        assert (stale.status_code, stale.json()) == (200, known.json())
        site.api.send_signal(signal.SIGTERM)
        site.api.wait(15)
        still = client.get(JOIN)
        assert (still.status_code, cache_of(still)) == (200, "STALE")
        old = client.get("/")
        assert (old.status_code, old.content) == (200, page.content)
        for path in ("/api/livestream/rooms/live_77", "/api/livestream/stream"):
            unknown = client.get(path)
            assert unknown.status_code == 503
            assert unknown.json()["type"] == "/docs#index-unavailable"
            assert unknown.headers["Retry-After"] == "2"
            assert unknown.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("how", ["503", "gone"])
def test_answer__older_than_its_stale_if_error__no_longer_given(
    tmp_path: Path, children: Runner, how: str
) -> None:
    """The same rule with seconds in place of half a minute, by an API of the test's own."""
    with ShortLived("public, max-age=0, s-maxage=1, stale-if-error=2") as api:
        # by a name of two addresses, where the machine has IPv6: nobody is at the second one
        named = api.address.replace("127.0.0.1", "localhost")
        proxy = children.keep(Nginx(tmp_path / "nginx", named))
        with proxy.client() as client:
            path = "/api/livestream/status"
            assert client.get(path).status_code == 200
            getattr(api, "fail" if how == "503" else "leave")()
            seen: list[tuple[int, str | None]] = []

            def refused() -> bool:
                answer = client.get(path)
                seen.append((answer.status_code, cache_of(answer)))
                return answer.status_code == 503

            wait_until(refused, 10, "the answer is too old")
            assert (200, "STALE") in seen
            assert client.get("/").status_code == 503  # never asked for before


def test_problem__every_kind_of_nginx_s_own__is_one_of_the_api_s() -> None:
    text = (ROOT / "deploy/nginx/templates/parts/problems.conf.template").read_text()
    found = re.findall(r"""^    (\d+|default) '("type":.*)';$""", text, re.MULTILINE)
    assert len(found) >= 5
    for status, members in found:
        told = json.loads(f"{{{members}}}")
        kind = CATALOGUE[told["type"].removeprefix("/docs#")]
        assert told["title"] == kind.title
        assert status in (str(kind.status), "default")
