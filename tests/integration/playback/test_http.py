"""`python -m playback` with two workers, asked as pages ask it, over a real chain, index and
database."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pymongo
import pytest
from bson import json_util

from localnet.dev_accounts import cast
from localnet.leaks import Leaks
from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from playback.host_acts import MOST_LINKS
from tests.support.playback.over_http import (
    HOLDER,
    InvitingPage,
    Page,
    RoomsForSome,
    claims_in,
    entry,
    slug,
)

WORKERS = 2
SEEN_WITHIN = 2.0  # seconds until the other worker knows, too


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoomsForSome]:
    with RoomsForSome(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def service(site: RoomsForSome) -> ServiceProcess:
    return site.service(PLAYBACK_WORKERS=str(WORKERS), PLAYBACK_WALLET_RATE_LIMIT="off")


@pytest.fixture
def page(service: ServiceProcess) -> Page:
    return Page(service)


@pytest.fixture
def inviting(site: RoomsForSome, page: Page) -> InvitingPage:
    return InvitingPage(site, page, site.invited)


# --- the ways in ----------------------------------------------------------------------------------


def test_invitation__entry_to_revocation__the_host_reads_all_of_it(
    page: Page, inviting: InvitingPage
) -> None:
    first, second = inviting.invite(101), inviting.invite(102)
    entered = page.enter(inviting.room, first.encode()).raise_for_status().json()
    stays = page.enter(inviting.room, second.encode()).raise_for_status().json()
    assert entered["role"] == "invited"
    renewed = page.renew(entered["session"]).raise_for_status().json()
    assert renewed["session"] == entered["session"]
    left = page.post("leave", {"session": entered["session"]})
    assert left.status_code == 204
    session = inviting.session()
    links = {row["number"]: row for row in page.get("host/links", session).json()["links"]}
    assert (links[101]["used"], links[102]["used"]) == (0, 1)
    revoked = page.post("host/revoke", {"links": [second.link_hash]}, session)
    assert revoked.json() == {"revoked": 1}
    wait_until(
        lambda: slug(page.renew(stays["session"])) == (403, "invitation-revoked"), SEEN_WITHIN
    )

    def noted() -> dict[int, tuple[bool, bool]]:
        rows = page.get(f"host/attendance?room_id={inviting.room}", session).json()["rows"]
        return {
            row["who"]["number"]: (row["entered"] <= row["last"], row["left"] is not None)
            for row in rows
        }

    wait_until(lambda: noted().get(101) == (True, True) and 102 in noted(), 5.0)


def test_wallet__holder_who_sells__is_out_and_told_that_it_held(
    site: RoomsForSome, page: Page
) -> None:
    entered = page.post("session", page.sign_in(site.held)).raise_for_status().json()
    assert entered["role"] == "holder"
    site.sell()

    def renewals() -> set[int]:
        return {page.renew(entered["session"]).status_code for _ in range(WORKERS * 6)}

    wait_until(lambda: renewals() == {403}, SEEN_WITHIN)
    refused = page.renew(entered["session"])
    site.hand_back()
    assert slug(refused) == (403, "not-a-holder")
    assert refused.json()["had"] is True
    wait_until(lambda: renewals() == {200}, SEEN_WITHIN)
    never = page.post("session", page.sign_in(site.held, cast().operator))
    assert (slug(never), never.json()["had"]) == ((403, "not-a-holder"), False)


def test_wallet__host_and_moderator__enter_a_room_by_invitation(
    site: RoomsForSome, page: Page
) -> None:
    for account, role in ((cast().host, "host"), (cast().moderator, "moderator")):
        entered = page.post("session", page.sign_in(site.invited, account))
        assert entered.raise_for_status().json()["role"] == role
    stranger = page.post("session", page.sign_in(site.invited, HOLDER))
    assert slug(stranger) == (403, "not-a-holder")


def test_revocations__as_many_as_one_request_may_name__are_taken(
    page: Page, inviting: InvitingPage
) -> None:
    links = [f"0x{number:064x}" for number in range(MOST_LINKS)]
    assert page.post("host/revoke", {"links": links}, inviting.session()).json() == {
        "revoked": MOST_LINKS
    }


# --- scenario 34 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["null", "https://strangers.example", "http://127.0.0.1:8081"])
def test_scenario_34__page_of_another_origin__is_refused_and_may_read_nothing(
    service: ServiceProcess, inviting: InvitingPage, origin: str
) -> None:
    stranger = Page(service, origin)
    for answer in (
        stranger.enter(inviting.room, inviting.invite(1).encode()),
        stranger.get("status"),
        stranger.post("host/revoke", {"links": []}, "ls1.a.b"),
    ):
        assert slug(answer) == (403, "origin-refused")
        assert "access-control-allow-origin" not in answer.headers


def test_scenario_34__what_is_for_another_room__lets_nobody_in(
    site: RoomsForSome, page: Page, inviting: InvitingPage
) -> None:
    entered = page.enter(inviting.room, inviting.invite(2).encode()).json()["session"]
    head, payload, mac = entered.split(".")
    told = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    number = site.other.removeprefix("live_").encode()
    moved = told.replace(inviting.room.removeprefix("live_").encode(), number, 1)
    assert moved != told
    forged = ".".join([head, base64.urlsafe_b64encode(moved).rstrip(b"=").decode(), mac])
    assert slug(page.renew(forged)) == (401, "session-invalid")
    assert slug(page.get("host/links", entered)) == (401, "session-invalid")
    assert slug(page.renew(inviting.session())) == (401, "session-invalid")
    other = page.get(f"host/links?room_id={site.other}", inviting.session())
    assert slug(other) == (403, "not-the-host")
    link = page.enter(site.other, inviting.invite(2).encode())
    assert slug(link) == (403, "invitation-invalid")
    signed = page.sign_in(site.invited, cast().host, challenge_of=site.other)
    assert slug(page.post("session", signed)) == (403, "proof-invalid")


def test_scenario_34__one_nonce_at_two_workers__is_taken_once(
    site: RoomsForSome, page: Page
) -> None:
    signed = page.sign_in(site.held)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: page.post("session", signed), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 7
    assert {slug(answer) for answer in answers if answer.status_code != 200} == {
        (403, "nonce-used")
    }


def test_scenario_34__revocation__every_worker_knows_within_two_seconds(
    page: Page, inviting: InvitingPage
) -> None:
    invitation = inviting.invite(3, seats=20)
    entered = page.enter(inviting.room, invitation.encode()).json()["session"]
    for _ in range(WORKERS * 6):  # both workers have seen it while it was good
        assert page.renew(entered).status_code == 200
    session = inviting.session()
    page.post("host/revoke", {"links": [invitation.link_hash]}, session).raise_for_status()
    revoked = time.monotonic()
    wait_until(lambda: page.renew(entered).status_code == 403, SEEN_WITHIN)
    good = []
    while time.monotonic() < revoked + SEEN_WITHIN:
        good += [time.monotonic()] if page.renew(entered).status_code == 200 else []
    after = [page.renew(entered).status_code for _ in range(WORKERS * 6)]
    assert after == [403] * len(after), good


def test_scenario_34__token__names_the_rooms_input_and_ends_soon(
    site: RoomsForSome, page: Page, inviting: InvitingPage
) -> None:
    entered = page.enter(inviting.room, inviting.invite(4).encode()).json()
    claims = claims_in(entered)
    uid = site.rooms.room(int(inviting.room.removeprefix("live_"))).uid.hex()
    assert claims["sub"] == uid
    assert 0 < claims["exp"] - entered["server_time"] <= 600


def test_scenario_34__secrets__stand_in_no_log_metric_database_or_other_answer(
    site: RoomsForSome, service: ServiceProcess, page: Page, inviting: InvitingPage
) -> None:
    invitation = inviting.invite(5)
    entered = page.enter(inviting.room, invitation.encode()).json()
    page.renew(entered["session"]).raise_for_status()
    page.post("session", page.sign_in(site.held)).raise_for_status()
    session = inviting.session()
    page.get("host/links", session).raise_for_status()
    page.get("host/attendance", session).raise_for_status()
    # what is wrong is told without being told again
    text = invitation.encode()
    for wrong in (text[:-2], text + "AA", text[:40] + "A" + text[41:], "x" * 3000):
        page.enter(inviting.room, wrong)
    page.post("session", entry(inviting.room) | {"invitation": text, "more": text})
    page.post("host/session", {"delegation": text, "room_id": text, "signature": session})
    page.renew(entered["session"] + "A")
    page.service.get(f"/api/playback/status?i={entered['session']}")
    page.service.get(f"/api/playback/{entered['session']}")

    key_file = json.loads(site.key_file.read_text())["current"]["pem"].splitlines()
    pem = [line for line in key_file if not line.startswith("-")]
    hmac_key = Path(site.settings()["PLAYBACK_SESSION_KEY_FILE"]).read_text()
    leaks = Leaks([*page.secrets, *pem, hmac_key, bytes.fromhex(hmac_key).decode("latin-1")])
    leaks.search("log", service.output())
    leaks.search("metrics", service.get("/metrics").text)
    leaks.search("readyz", service.get("/readyz").text)
    for answer in page.refusals:
        leaks.search("answer", answer)
    with pymongo.MongoClient[dict[str, object]](site.mongo.uri) as client:
        database = client["livestream_playback"]
        names = database.list_collection_names()
        assert names
        for name in names:
            leaks.search(name, json_util.dumps(list(database[name].find())))
    assert leaks.secrets > 100
    assert leaks.bytes_searched > 5_000
    assert not leaks.found


def test_scenario_34__browser_that_does_not_name_itself__gets_a_problem(
    page: Page, inviting: InvitingPage
) -> None:
    body = {"room_id": inviting.room, "invitation": inviting.invite(6).encode()}
    refused: httpx.Response = page.post("session", body)
    assert slug(refused) == (400, "malformed")
    body["browser"] = os.urandom(3).hex()
    assert slug(page.post("session", body)) == (400, "malformed")
