from __future__ import annotations

import secrets
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nts_server import protected
from tidegauge.ntp.extension_field import FieldKind, fields_from_bytes
from tidegauge.ntp.key_establishment import Established
from tidegauge.ntp.nts_association import NtsAssociation

TO_SERVER, TO_CLIENT = bytes(32), bytes(range(32))
HEADER = bytes(48)


def association(cookies: int = 8, length: int = 100) -> NtsAssociation:
    baked = tuple(secrets.token_bytes(length) for _ in range(cookies))
    return NtsAssociation(Established(TO_SERVER, TO_CLIENT, baked, "192.0.2.1", 123))


def kinds(request: bytes) -> list[int]:
    return [field.kind for _, field in fields_from_bytes(request)]


def identified(identifier: bytes) -> bytes:
    return HEADER + struct.pack("!HH", FieldKind.UNIQUE_IDENTIFIER, 36) + identifier


def cookie_field(cookie: bytes) -> bytes:
    return struct.pack("!HH", FieldKind.COOKIE, len(cookie) + 4) + cookie


def test_a_request_has_a_cookie_and_no_placeholder_while_none_is_missing() -> None:
    request, identifier = association().seal(HEADER)
    assert kinds(request) == [FieldKind.UNIQUE_IDENTIFIER, FieldKind.COOKIE, FieldKind.AUTHENTICATOR]
    assert len(identifier) == 32
    assert len(request) == 228


def test_no_two_requests_have_anything_in_common() -> None:
    bound = association()
    (first, _), (second, _) = bound.seal(HEADER), bound.seal(HEADER)
    bodies = [{field.body for _, field in fields_from_bytes(request)} for request in (first, second)]
    assert not (bodies[0] & bodies[1]) - {bytes(100)}


def test_each_missing_cookie_is_asked_for_and_the_answer_is_never_longer() -> None:
    bound = association(cookies=1)
    request, identifier = bound.seal(HEADER)
    assert kinds(request).count(FieldKind.COOKIE_PLACEHOLDER) == 7
    reply = protected(identified(identifier), TO_CLIENT, cookie_field(bytes(100)) * 8)
    assert len(reply) <= len(request)
    assert bound.open(reply, identifier)
    assert bound.cookies_left == 8


def test_large_cookies_leave_less_room_for_placeholders() -> None:
    request, _ = association(cookies=1, length=512).seal(HEADER)
    assert len(request) <= 1232
    assert kinds(request).count(FieldKind.COOKIE_PLACEHOLDER) == 1


def test_without_a_cookie_nothing_can_be_asked() -> None:
    bound = association(cookies=1)
    bound.seal(HEADER)
    with pytest.raises(LookupError, match="no cookie"):
        bound.seal(HEADER)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_one_changed_byte_is_noticed(place: int, change: int) -> None:
    bound = association()
    _, identifier = bound.seal(HEADER)
    reply = bytearray(protected(identified(identifier), TO_CLIENT))
    assert bound.open(bytes(reply), identifier)
    reply[place % len(reply)] ^= change
    assert not bound.open(bytes(reply), identifier)


def test_only_our_server_answers_only_our_question() -> None:
    bound = association()
    _, identifier = bound.seal(HEADER)
    packet = identified(identifier)
    replies = [
        protected(packet, TO_SERVER),
        protected(identified(bytes(32)), TO_CLIENT),
        protected(HEADER, TO_CLIENT),
        packet,
        HEADER,
        b"",
    ]
    assert not any(bound.open(reply, identifier) for reply in replies)


def test_cookies_that_make_no_sense_are_not_kept() -> None:
    bound = association(cookies=2)
    _, identifier = bound.seal(HEADER)
    inner = cookie_field(bytes(516)) + cookie_field(bytes(100))
    assert bound.open(protected(identified(identifier), TO_CLIENT, inner), identifier)
    assert bound.cookies_left == 2


def test_a_refusal_repeats_our_identifier() -> None:
    bound = association()
    _, identifier = bound.seal(HEADER)
    assert bound.is_refused_by(identified(identifier), identifier)
    assert not bound.is_refused_by(identified(bytes(32)), identifier)
    assert not bound.is_refused_by(HEADER + b"\1", identifier)
