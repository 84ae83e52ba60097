from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.ntp.extension_field import Authenticator, ExtensionField, FieldKind, fields_from_bytes

HEADER = bytes(48)
FIELDS = st.builds(ExtensionField, st.integers(0, 0xFFFF), st.binary(max_size=300))


@given(st.lists(FIELDS, max_size=5))
def test_fields_come_back_in_order_and_filled_up(fields: list[ExtensionField]) -> None:
    payload = HEADER + b"".join(field.to_bytes() for field in fields)
    found = list(fields_from_bytes(payload))
    assert [field.kind for _, field in found] == [field.kind for field in fields]
    for (_, read), written in zip(found, fields, strict=True):
        assert read.body.startswith(written.body)
        assert not read.body[len(written.body) :].strip(b"\0")
        assert len(read.body) + 4 == max(16, -(-(len(written.body) + 4) // 4) * 4)
    starts = [start for start, _ in found]
    assert starts == [48 + sum(len(field.to_bytes()) for field in fields[:n]) for n in range(len(fields))]


def test_a_cookie_of_100_bytes_is_written_as_rfc_8915_says() -> None:
    cookie = bytes(range(100))
    assert ExtensionField(FieldKind.COOKIE, cookie).to_bytes() == bytes.fromhex("02040068") + cookie


@pytest.mark.parametrize(
    ("tail", "complaint"),
    [
        (b"\1\4", "2 bytes at byte 48 are too few"),
        (struct.pack("!HH", 0x0104, 18) + bytes(16), "impossible length, 18"),
        (struct.pack("!HH", 0x0104, 12) + bytes(16), "impossible length, 12"),
        (struct.pack("!HH", 0x0104, 0) + bytes(16), "impossible length, 0"),
        (struct.pack("!HH", 0x0104, 24) + bytes(16), "impossible length, 24"),
        (ExtensionField(1, b"").to_bytes() + bytes(15), "15 bytes at byte 64 are too few"),
    ],
)
def test_what_is_no_field_is_said_with_its_place(tail: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        list(fields_from_bytes(HEADER + tail))


@given(st.binary(max_size=200))
def test_any_bytes_are_fields_or_a_sentence(tail: bytes) -> None:
    try:
        found = list(fields_from_bytes(HEADER + tail))
    except ValueError:
        return
    assert sum(len(field.body) + 4 for _, field in found) == len(tail)


def test_a_field_has_a_length_of_16_bits() -> None:
    with pytest.raises(ValueError, match="65540 bytes does not fit"):
        ExtensionField(1, bytes(65536)).to_bytes()


@given(st.binary(min_size=1, max_size=40), st.binary(max_size=400))
def test_nonce_and_ciphertext_come_back(nonce: bytes, ciphertext: bytes) -> None:
    body = Authenticator(nonce, ciphertext).to_body()
    assert len(body) % 4 == 0
    field = ExtensionField(FieldKind.AUTHENTICATOR, body)
    [(_, read)] = fields_from_bytes(field.to_bytes(), 0)
    assert Authenticator.from_body(read.body) == Authenticator(nonce, ciphertext)


@pytest.mark.parametrize(
    "body", [b"\0", struct.pack("!HH", 16, 16) + bytes(28), struct.pack("!HH", 65535, 1)]
)
def test_an_authenticator_that_claims_too_much_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="authenticator"):
        Authenticator.from_body(body)
