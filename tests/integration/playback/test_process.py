"""`python -m playback` while what it needs changes or goes away: settings, keys, database, node."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from common.settings.model import PlaybackSettings
from localnet.services import ServiceProcess, secret_file
from localnet.waiting import wait_until
from tests.support.playback.over_http import (
    InvitingPage,
    Page,
    RoomsForSome,
    claims_in,
    slug,
)

FAILURES = 5


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoomsForSome]:
    with RoomsForSome(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def service(site: RoomsForSome) -> ServiceProcess:
    return site.service(
        PLAYBACK_WORKERS="1", RPC_TIMEOUT_SECONDS="0.5", PLAYBACK_DATABASE="of_this_process"
    )


@pytest.fixture
def page(service: ServiceProcess) -> Page:
    return Page(service)


@pytest.fixture
def inviting(site: RoomsForSome, page: Page) -> InvitingPage:
    return InvitingPage(site, page, site.invited)


# --- commands -------------------------------------------------------------------------------------


def test_settings__none_given__all_that_miss_are_named(site: RoomsForSome) -> None:
    started = site.runner.command("playback", {})
    assert started.wait() == 2
    told = started.output()
    needed = [name for name, field in PlaybackSettings.model_fields.items() if field.is_required()]
    assert len(needed) > 5
    assert [name for name in needed if name.upper() not in told] == []


def test_check__site_that_is_well__prints_a_row_for_each_thing(site: RoomsForSome) -> None:
    looked = site.runner.command("playback", site.settings(), "--check")
    assert looked.wait(30.0) == 0, looked.output()
    for row in ("clock", "database", "index", "signing key", "session key", "port"):
        assert row in looked.output()


def test_check__damaged_key_and_nodes_that_are_away__says_what_to_do(site: RoomsForSome) -> None:
    settings = site.settings(
        PLAYBACK_KEY_FILE=str(secret_file(site.key_file.with_name("damaged.json"), "{}")),
        RPC_URLS="http://127.0.0.1:9",
        RPC_TIMEOUT_SECONDS="1",
    )
    looked = site.runner.command("playback", settings, "--check")
    assert looked.wait(30.0) == 1
    assert "python -m oracle playback-key create" in looked.output()
    assert "127.0.0.1:9" in looked.output()


# --- what changes while it serves -----------------------------------------------------------------


def test_scenario_34__key_rotated_while_a_session_renews__next_token_is_of_the_new_key(
    site: RoomsForSome, page: Page, inviting: InvitingPage
) -> None:
    before = page.status()
    entered = page.enter(inviting.room, inviting.invite(1).encode()).json()
    assert claims_in(entered)["kid"] == before["kid"]
    site.new_signing_key("e" * 32)
    renewed = page.renew(entered["session"]).raise_for_status().json()
    assert claims_in(renewed)["kid"] == "e" * 32
    after = page.status()
    assert after["kid"] == "e" * 32
    assert after["kid_since"] >= before["kid_since"]
    # a file that others may read is not taken; the key that was read goes on
    site.key_file.chmod(0o644)
    renewed = page.renew(entered["session"]).raise_for_status().json()
    assert claims_in(renewed)["kid"] == "e" * 32
    assert any("chmod 600" in reason for reason in page.service.reasons())
    site.key_file.chmod(0o600)
    wait_until(lambda: not any("chmod" in reason for reason in page.service.reasons()), 5.0)


def test_scenario_34__node_away__one_renewal_and_then_503(site: RoomsForSome, page: Page) -> None:
    entered = page.post("session", page.sign_in(site.held)).raise_for_status().json()
    signed = page.sign_in(site.held)
    os.kill(site.node.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: _stopped(site.node.pid), 10.0)
        assert page.renew(entered["session"]).status_code == 200
        for refused in (page.renew(entered["session"]), page.post("session", signed)):
            assert slug(refused) == (503, "node-unavailable")
            assert int(refused.headers["Retry-After"]) > 0
    finally:
        os.kill(site.node.pid, signal.SIGCONT)
    wait_until(lambda: page.renew(entered["session"]).status_code == 200, 10.0)


def test_scenario_34__database_restarted__sessions_and_revocations_stay(
    site: RoomsForSome, page: Page, inviting: InvitingPage
) -> None:
    gone = inviting.invite(3)
    stays = page.enter(inviting.room, inviting.invite(2).encode()).json()["session"]
    revoked = page.enter(inviting.room, gone.encode()).json()["session"]
    links = {"links": [gone.link_hash]}
    page.post("host/revoke", links, inviting.session()).raise_for_status()
    since = page.status()["since"]
    site.mongo.kill()

    def unavailable() -> bool:
        return slug(page.renew(stays))[0] == 503

    wait_until(unavailable, 10.0)
    site.mongo = site.runner.mongo(
        storage=site.storage, sync=True, port=site.mongo.port, name="mongo-again"
    )
    wait_until(lambda: page.renew(stays).status_code == 200, 20.0)
    assert slug(page.renew(revoked)) == (403, "invitation-revoked")
    assert page.status()["since"] == since


def test_scenario_34__database_lost__older_invitations_wait_for_the_host(
    site: RoomsForSome, page: Page, inviting: InvitingPage
) -> None:
    text = inviting.invite(4).encode()
    entered = page.enter(inviting.room, text).raise_for_status().json()["session"]
    wait_until(lambda: page.status()["server_time"] > inviting.now, 5.0)
    with pymongo.MongoClient[dict[str, object]](site.mongo.uri) as client:
        client.drop_database("of_this_process")
    wait_until(lambda: page.status()["since"] > inviting.now, 5.0)
    assert slug(page.renew(entered)) == (403, "host-must-return")
    assert slug(page.enter(inviting.room, text)) == (403, "host-must-return")
    session = inviting.session()
    wrong = page.post("host/returned", {"since": inviting.now - 1}, session)
    assert slug(wrong) == (400, "malformed")
    back = page.post("host/returned", {"since": page.status()["since"]}, session)
    assert back.status_code == 200
    assert page.renew(entered).status_code == 200


def test_scenario_34__too_many_failures__refused_unread_but_who_is_inside_goes_on(
    site: RoomsForSome, service: ServiceProcess
) -> None:
    strict = Page(
        site.service(
            PLAYBACK_WORKERS="2",
            PLAYBACK_FAILURE_RATE_LIMIT=f"{FAILURES}/minute",
            PLAYBACK_DATABASE="of_the_strict",
        )
    )
    inviting = InvitingPage(site, strict, site.invited)
    entered = strict.enter(inviting.room, inviting.invite(1).encode()).json()["session"]
    wrong = inviting.invite(2).encode()
    for _ in range(FAILURES):
        assert slug(strict.enter(site.other, wrong)) == (403, "invitation-invalid")
    refused = strict.enter(inviting.room, inviting.invite(3).encode())
    assert slug(refused) == (429, "rate-limited")
    assert int(refused.headers["Retry-After"]) > 0
    assert strict.renew(entered).status_code == 200
    # limits are each service's own
    assert slug(Page(service).enter(site.other, wrong))[0] == 403
    strict.service.stop()


def _stopped(pid: int) -> bool:
    """Whether every thread of the process has come to its halt."""
    states = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(text.rpartition(")")[2].split()[0] == "T" for text in states)
