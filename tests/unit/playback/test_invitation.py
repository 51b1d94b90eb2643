"""Invitations: one text each, and no bit of it can be another."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import base64url
from playback import invitation as codec
from playback.delegation import delegation_digest
from playback.invitation import (
    Invitation,
    InvitationLink,
    InvitationScope,
    MalformedInvitation,
)
from playback.wallet_signature import signer_of
from tests.support.playback.inviting import ORIGIN, REGISTRY, InvitingHost, link_of

AT = 1_790_000_000
HOST = InvitingHost(1)
ROOM = InvitationScope.of_room(7)
GRANTED = HOST.delegate(ROOM, AT, AT + 86400)
MADE = HOST.invite(GRANTED, link_of(AT, AT + 60))
RAW = base64url.decode(MADE.encode())
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def holds(invitation: Invitation) -> bool:
    """Whether both signatures are the host's."""
    granted = invitation.delegation
    if granted.signature is None or not invitation.key_signed:
        return False
    digest = delegation_digest(REGISTRY, ORIGIN, granted)
    return signer_of(digest, granted.signature) == HOST.account


def test_invitation__made_by_a_host__is_read_as_it_was_made() -> None:
    read = codec.decode(MADE.encode())
    assert read == MADE and read.within and holds(read)
    assert len(MADE.encode()) == 280


def test_invitation__with_everything__is_no_longer_than_promised() -> None:
    granted = HOST.delegate(ROOM, AT, AT + 60, wallet_signature=b"\x01" * 100)
    made = HOST.invite(granted, link_of(AT, AT + 60, label="x" * 24))
    assert len(made.encode()) == codec.MOST_TEXT
    assert codec.decode(made.encode()) == made


def test_scenario_34__invitation_altered_by_one_bit__holds_no_more() -> None:
    """Every bit of it."""
    read = []
    for bit in range(len(RAW) * 8):
        altered = bytearray(RAW)
        altered[bit // 8] ^= 1 << bit % 8
        try:
            other = codec.decode(base64url.encode(bytes(altered)))
        except MalformedInvitation:
            continue
        assert not holds(other), bit
        read.append(bit)
    assert len(read) > 1000  # most are still read, and no signature fits


@settings(max_examples=300)
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=400))
def test_scenario_34__any_text__is_malformed_or_encodes_to_itself(text: str) -> None:
    try:
        read = codec.decode(text)
    except MalformedInvitation:
        return
    assert read.encode() == text


@settings(max_examples=300)
@given(st.binary(max_size=280))
def test_scenario_34__bytes_that_begin_well__encode_to_themselves(tail: bytes) -> None:
    text = base64url.encode(RAW[:51] + tail)
    try:
        read = codec.decode(text)
    except MalformedInvitation:
        return
    assert read.encode() == text


@settings(max_examples=200)
@given(st.data())
def test_invitation__any_that_can_be_made__comes_back(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 2**32 - 2))
    is_class = data.draw(st.booleans())
    most = min(2**32 - 1, start + codec.MOST_CLASS_SECONDS) if is_class else 2**32 - 1
    until = data.draw(st.integers(start + 1, most))
    scope = InvitationScope(is_class, data.draw(st.binary(min_size=8, max_size=8)))
    signature = data.draw(st.binary(min_size=1, max_size=300))
    language = data.draw(st.sampled_from(["en", "vi"]))
    granted = HOST.delegate(scope, start, until, language, wallet_signature=signature)
    link = InvitationLink(
        data.draw(st.binary(min_size=16, max_size=16)),
        data.draw(st.integers(1, 65535)),
        data.draw(st.integers(1, 500)),
        start,
        until,
        data.draw(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=6)),
    )
    made = HOST.invite(granted, link)
    read = codec.decode(made.encode())
    assert read == made and read.key_signed and read.link_hash == made.link_hash


@pytest.mark.parametrize(
    "altered",
    [
        MADE.encode() + "=",
        " " + MADE.encode(),
        MADE.encode() + "\n",
        MADE.encode().replace("-", "+").replace("_", "/"),
        base64url.encode(RAW + b"\0"),
        base64url.encode(RAW[:-1]),
        "é" + MADE.encode()[1:],
    ],
)
def test_scenario_34__invitation_re_encoded__is_malformed(altered: str) -> None:
    if altered == MADE.encode():
        altered = "+" + altered[1:]
    with pytest.raises(MalformedInvitation):
        codec.decode(altered)


def test_scenario_34__key_signature_with_a_high_s__is_refused() -> None:
    r, s = MADE.key_signature[:32], int.from_bytes(MADE.key_signature[32:], "big")
    other = replace(MADE, key_signature=r + (ORDER - s).to_bytes(32, "big"))
    assert MADE.key_signed and not other.key_signed


def test_scenario_34__grant_with_its_signature_elsewhere__has_the_same_names() -> None:
    """Who has the key and a revoked delegation cannot give it a new name by moving the wallet's
    signature out of the link, or by finding another signature of the same wallet."""
    signature = GRANTED.signature or b""
    moved = replace(GRANTED, signature=None, signature_hash=hashlib.sha256(signature).digest())
    again = replace(GRANTED, signature=b"another")
    link = link_of(AT, AT + 60)
    assert moved.core != GRANTED.core
    for other in (moved, again):
        made = codec.decode(HOST.invite(other, link).encode())
        assert made.key_signed
        assert made.delegation.delegation_hash == GRANTED.delegation_hash
        assert made.link_hash == MADE.link_hash


def test_invitation__signed_again_by_its_key__has_the_same_name() -> None:
    again = replace(MADE, key_signature=b"\x01" * 64)
    assert again.link_hash == MADE.link_hash and not again.key_signed


@pytest.mark.parametrize(
    ("start", "until", "within"),
    [(AT, AT + 86400, True), (AT - 1, AT + 60, False), (AT, AT + 86401, False)],
)
def test_link__beyond_what_the_wallet_granted__is_not_within(
    start: int, until: int, within: bool
) -> None:
    assert HOST.invite(GRANTED, link_of(start, until)).within is within


@pytest.mark.parametrize("seconds", [codec.MOST_CLASS_SECONDS, codec.MOST_CLASS_SECONDS + 1])
def test_class__longer_than_180_days__is_malformed(seconds: int) -> None:
    scope = InvitationScope(True, b"\x01" * 8)
    text = codec.encode_delegation(HOST.delegate(scope, AT, AT + seconds))
    if seconds == codec.MOST_CLASS_SECONDS:
        assert codec.decode_delegation(text).scope == scope
    else:
        with pytest.raises(MalformedInvitation):
            codec.decode_delegation(text)


def test_scope__of_a_room_or_a_class__covers_that_alone() -> None:
    room, of_class = (
        InvitationScope.of_room(7),
        InvitationScope(True, bytes.fromhex("0123456789abcdef")),
    )
    assert room.covers(7, None) and not room.covers(8, None) and not room.covers(8, "live_7")
    assert of_class.covers(8, "0123456789abcdef")
    assert not of_class.covers(8, None) and not of_class.covers(8, "0123456789abcdee")
    assert not of_class.covers(0x0123456789ABCDEF, None)
    assert (room.text, of_class.text) == ("live_7", "class 0123456789abcdef")
