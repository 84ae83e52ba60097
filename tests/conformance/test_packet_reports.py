"""PSAMP: IPFIX records that hold the first bytes of a packet fill their columns from them."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.conformance.sflow import FRAME, ethernet, ipv4, rows, tcp
from tidegauge._core import Decoder

RECEIVED = 1_800_000_000_000_000_000
VARIABLE = 65_535
IP_HEADER, IP_PAYLOAD, DATA_LINK, LABELS, BELOW_LABELS = range(313, 318)
COLUMNS = ("src_addr", "src_port", "protocol", "bytes", "packets", "vlan", "tcp_flags")


def message(fields: list[tuple[int, int]], values: bytes) -> bytes:
    template = struct.pack(">HH", 256, len(fields)) + b"".join(struct.pack(">HH", *field) for field in fields)
    sets = struct.pack(">HH", 2, 4 + len(template)) + template
    sets += struct.pack(">HH", 256, 4 + len(values)) + values
    return struct.pack(">HHIII", 10, 16 + len(sets), 1_800_000_000, 0, 0) + sets


def report(fields: list[tuple[int, int]], *values: bytes) -> dict[str, Any]:
    """One record; a value of variable length gets its length in front."""
    written = (
        bytes([len(value)]) + value if length == VARIABLE else value
        for (_, length), value in zip(fields, values, strict=True)
    )
    decoder = Decoder()
    decoder.feed(message(fields, b"".join(written)), "192.0.2.1", 4739, RECEIVED)
    [row] = rows(decoder, *COLUMNS, "other")
    return {name: value for name, value in row.items() if value is not None}


PACKET = {
    "src_addr": "10.1.0.1",
    "src_port": 40_000,
    "protocol": 6,
    "bytes": 40,
    "packets": 1,
    "tcp_flags": 24,
}


@pytest.mark.proves("E16")
@pytest.mark.parametrize(
    ("element", "section"),
    [
        (DATA_LINK, FRAME),
        (IP_HEADER, ipv4(tcp())),
        (LABELS, bytes([0, 1, 0x41, 9]) + ipv4(tcp())),
        (BELOW_LABELS, ipv4(tcp())),
    ],
)
def test_a_section_fills_what_the_record_leaves_empty(element: int, section: bytes) -> None:
    found = report([(element, VARIABLE)], section)
    assert {name: found.get(name) for name in PACKET} == PACKET


@pytest.mark.proves("E16")
def test_what_the_record_says_itself_goes_first() -> None:
    fields = [(7, 2), (1, 4), (2, 4), (DATA_LINK, VARIABLE)]
    found = report(fields, struct.pack(">H", 99), struct.pack(">I", 5000), struct.pack(">I", 3), FRAME)
    assert (found["src_port"], found["bytes"], found["packets"]) == (99, 5000, 3)
    assert found["src_addr"] == "10.1.0.1"


@pytest.mark.proves("E16")
def test_a_payload_is_of_the_protocol_that_the_record_names() -> None:
    assert report([(IP_PAYLOAD, VARIABLE)], tcp()).get("src_port") is None
    assert report([(4, 1), (IP_PAYLOAD, VARIABLE)], b"\x06", tcp())["src_port"] == 40_000


@pytest.mark.proves("E16")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param((409, 2), b"\0\x0e", id="an offset"),
        pytest.param((408, 2), b"\0\2", id="a wireless frame"),
    ],
)
def test_bytes_that_cannot_be_placed_are_only_kept(field: tuple[int, int], value: bytes) -> None:
    found = report([field, (DATA_LINK, VARIABLE)], value, FRAME)
    assert found.get("src_addr") is None
    assert "dataLinkFrameSection" in found["other"]


@pytest.mark.proves("E16", "G2")
def test_tags_of_a_section_are_told_as_those_of_a_sample() -> None:
    frame = ethernet(ipv4(tcp()), 0x88A8, 7, 0x8100, 9, 0x0800)
    found = report([(408, 2), (312, 2), (DATA_LINK, VARIABLE)], b"\0\1", b"\0\x80", frame)
    assert (found["vlan"], found["other"]["dot1qCustomerVlanId"]) == (7, "9")


@pytest.mark.proves("E16", "I10")
def test_a_section_cut_anywhere_is_no_harm() -> None:
    for length in range(len(FRAME)):
        found = report([(DATA_LINK, VARIABLE)], FRAME[:length])
        assert found["packets"] == 1
