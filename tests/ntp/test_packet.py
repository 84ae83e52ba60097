from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.ntp import NTPHeader

from tidegauge.clock.ntp_stamp import NtpStamp
from tidegauge.ntp.packet import HEADER_BYTES, Leap, Mode, Packet


@given(st.binary(min_size=HEADER_BYTES, max_size=HEADER_BYTES))
def test_every_header_is_written_as_it_was_read(payload: bytes) -> None:
    assert Packet.from_bytes(payload).to_bytes() == payload


@given(st.binary(max_size=HEADER_BYTES - 1))
def test_a_short_packet_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="at least 48 bytes"):
        Packet.from_bytes(payload)


def test_fields_are_where_scapy_puts_them() -> None:
    payload = bytes(
        NTPHeader(
            leap=1, version=3, mode=4, stratum=2, poll=10, precision=-20, delay=1.5, dispersion=0.25,
            id="192.0.2.7", ref=0, orig=0, recv=0, sent=3_900_000_000.5,
        )
    )  # fmt: skip
    packet = Packet.from_bytes(payload)
    assert (packet.leap, packet.version, packet.mode, packet.stratum) == (Leap.INSERT, 3, Mode.SERVER, 2)
    assert (packet.poll, packet.precision) == (10, -20)
    assert (packet.root_delay, packet.root_dispersion) == (1_500_000_000, 250_000_000)
    assert packet.reference_text == "192.0.2.7"
    assert packet.transmit == NtpStamp(3_900_000_000 << 32 | 1 << 31)


def test_what_follows_the_header_is_passed_over() -> None:
    assert Packet.from_bytes(Packet(stratum=3).to_bytes() + b"\x5a" * 20) == Packet(stratum=3)


@pytest.mark.parametrize(
    ("stratum", "reference_id", "text"),
    [
        (1, b"GPS\0", "GPS"),
        (0, b"INIT", "INIT"),
        (2, b"\x7f\x7f\x01\x01", "127.127.1.1"),
        (1, b"\xff\0\0\0", "ff"),
    ],
)
def test_reference_ids_are_read_by_stratum(stratum: int, reference_id: bytes, text: str) -> None:
    assert Packet(stratum=stratum, reference_id=reference_id).reference_text == text


@pytest.mark.parametrize(
    ("stratum", "reference_id", "kiss"),
    [(0, b"RATE", "RATE"), (0, b"DENY", "DENY"), (0, b"INIT", None), (0, bytes(4), None), (1, b"RATE", None)],
)
def test_only_a_forbidding_kiss_forbids(stratum: int, reference_id: bytes, kiss: str | None) -> None:
    assert Packet(stratum=stratum, reference_id=reference_id).forbidding_kiss == kiss
