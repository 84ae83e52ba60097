"""NetFlow 1, 5, 6, 7 and 8: records laid out by their version, and by the aggregation scheme."""

from __future__ import annotations

import struct
from ipaddress import ip_address
from typing import Any

import pytest

from tests.conformance.sflow import shown
from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows

SECONDS = 1_800_000_000
RECEIVED = SECONDS * 10**9 + 5_000_000
SENT = SECONDS * 10**9 + 2_000_000
UPTIME = 3_000
EXPORTER = ("192.0.2.1", 50_000)
HEADERS = {1: 16, 5: 24, 6: 24, 7: 24, 8: 28}
SOURCE, DESTINATION, NEXT_HOP = (int(ip_address(text)) for text in ("10.1.0.0", "10.2.0.0", "10.3.0.3"))
# It began before the uptime, which is modulo 2^32, began anew.
FIRST, LAST = (UPTIME - 5000) % 2**32, UPTIME - 1000
SUMS = (9, 40, 50_000, FIRST, LAST)  # flows, packets, bytes, First, Last
FLOW = "IIIHHIIIIHH"
FLOW_VALUES = (SOURCE, DESTINATION, NEXT_HOP, 3, 4, 40, 50_000, FIRST, LAST, 40_000, 443)

WHEN = {"start": SENT - 5_000_000_000, "end": SENT - 1_000_000_000, "packets": 40, "bytes": 50_000}
ADDRESSES = {"src_addr": "10.1.0.0", "dst_addr": "10.2.0.0"}
PORTS = {"src_port": 40_000, "dst_port": 443}
INTERFACES = {"in_interface": 3, "out_interface": 4}
SYSTEMS = {"src_as": 23_456, "dst_as": 65_535}
MASKS = {"src_prefix_length": 16, "dst_prefix_length": 24}
WHOLE = {**WHEN, **ADDRESSES, **PORTS, **INTERFACES, "next_hop": "10.3.0.3", "protocol": 6, "tos": 8}
COLUMNS = (*WHOLE, *SYSTEMS, *MASKS, "tcp_flags")


def datagram(version: int, body: bytes, count: int, *, scheme: int = 0, sequence: int = 0) -> bytes:
    begin = struct.pack(">HHIII", version, count, UPTIME, *divmod(SENT, 10**9))
    rest = {
        1: b"",
        7: struct.pack(">I4x", sequence),
        8: struct.pack(">IBBBB4x", sequence, 1, 2, scheme, 2),
    }.get(version, struct.pack(">IBBH", sequence, 1, 2, 0x4000 | 100))
    return begin + rest + body


def decode(*datagrams: bytes, verbatim: bool = False) -> tuple[list[dict[str, Any]], dict[str, int]]:
    decoder = Decoder(verbatim=verbatim)
    for content in datagrams:
        decoder.feed(content, *EXPORTER, RECEIVED)
    columns = (*COLUMNS, "observation_domain", "protocol_version", "sampling_interval", "other")
    found = [
        {name: shown(value) for name, value in zip(columns, row, strict=True) if value is not None}
        for batch in decoder.drain()
        if batch.table == "flows"
        for row in batch_rows(batch, columns)
    ]
    return found, decoder.counters()


def record(version: int) -> bytes:
    tail = {
        1: struct.pack(">2xBBB7x", 6, 8, 0x1B),
        5: struct.pack(">xBBBHHBB2x", 0x1B, 6, 8, 23_456, 65_535, 16, 24),
        6: struct.pack(">xBBBHHBBBBI", 0x1B, 6, 8, 23_456, 65_535, 16, 24, 1, 2, NEXT_HOP + 1),
        7: struct.pack(">BBBBHHBBHI", 3, 0x1B, 6, 8, 23_456, 65_535, 16, 24, 0x0102, NEXT_HOP + 2),
    }[version]
    return struct.pack(f">{FLOW}", *FLOW_VALUES) + tail


@pytest.mark.parametrize(
    ("version", "others"),
    [
        pytest.param(1, None, marks=pytest.mark.proves("B1")),
        pytest.param(5, None, marks=pytest.mark.proves("B2", "B3", "B5", "B7")),
        pytest.param(
            6, {"inEncapsulation": "1", "outEncapsulation": "2", "bgpNextHopIPv4Address": "10.3.0.4"},
            marks=pytest.mark.proves("B9"),
        ),
        pytest.param(
            7, {"invalidFieldFlags": "3", "invalidFlowFlags": "258", "ipv4RouterSc": "10.3.0.5"},
            marks=pytest.mark.proves("B7", "B8"),
        ),
    ],
)  # fmt: skip
def test_a_record_of_each_version_fills_its_columns(version: int, others: dict[str, str] | None) -> None:
    found, counters = decode(datagram(version, record(version) * 2, 2))
    expected: dict[str, Any] = {**WHOLE, "tcp_flags": 0x1B, "protocol_version": f"netflow{version}"}
    expected["observation_domain"] = 258 if version in {5, 6} else 0
    if version > 1:
        expected |= SYSTEMS | MASKS
    if version == 5:
        expected["sampling_interval"] = 100
    if others:
        expected["other"] = others
    assert found == [expected] * 2
    assert counters["records"] == 2


TAGGED = {"tos": 8}
SCHEMES: dict[int, tuple[str, tuple[int, ...], dict[str, Any]]] = {
    1: ("HHHH", (23_456, 65_535, 3, 4), SYSTEMS | INTERFACES),
    2: ("B3xHH", (6, 40_000, 443), PORTS | {"protocol": 6}),
    3: ("IBxHH2x", (SOURCE, 16, 23_456, 3),
        {"src_addr": "10.1.0.0", "src_prefix_length": 16, "src_as": 23_456, "in_interface": 3}),
    4: ("IBxHH2x", (DESTINATION, 24, 65_535, 4),
        {"dst_addr": "10.2.0.0", "dst_prefix_length": 24, "dst_as": 65_535, "out_interface": 4}),
    5: ("IIBB2xHHHH", (SOURCE, DESTINATION, 24, 16, 23_456, 65_535, 3, 4),
        ADDRESSES | MASKS | SYSTEMS | INTERFACES),
    9: ("HHHHB3x", (23_456, 65_535, 3, 4, 8), SYSTEMS | INTERFACES | TAGGED),
    10: ("BB2xHHHH", (6, 8, 40_000, 443, 3, 4), PORTS | INTERFACES | TAGGED | {"protocol": 6}),
    11: ("IBBHH2x", (SOURCE, 16, 8, 23_456, 3),
         {"src_addr": "10.1.0.0", "src_prefix_length": 16, "src_as": 23_456, "in_interface": 3} | TAGGED),
    12: ("IBBHH2x", (DESTINATION, 24, 8, 65_535, 4),
         {"dst_addr": "10.2.0.0", "dst_prefix_length": 24, "dst_as": 65_535, "out_interface": 4} | TAGGED),
    13: ("IIBBBxHHHH", (SOURCE, DESTINATION, 24, 16, 8, 23_456, 65_535, 3, 4),
         ADDRESSES | MASKS | SYSTEMS | INTERFACES | TAGGED),
    14: ("IIBBBBHHHH", (SOURCE, DESTINATION, 24, 16, 8, 6, 40_000, 443, 3, 4),
         ADDRESSES | MASKS | PORTS | INTERFACES | TAGGED | {"protocol": 6}),
}  # fmt: skip
CATALYST: dict[int, tuple[str, tuple[int, ...], dict[str, Any]]] = {
    6: ("IIIIIHBBII", (DESTINATION, *SUMS[1:], 4, 8, 9, 77, NEXT_HOP),
        {"dst_addr": "10.2.0.0", "out_interface": 4} | TAGGED),
    7: ("IIIIIIHHBB2xII", (DESTINATION, SOURCE, *SUMS[1:], 4, 3, 8, 9, 77, NEXT_HOP),
        ADDRESSES | INTERFACES | TAGGED),
    8: ("IIHHIIIIHHBBBxII", (DESTINATION, SOURCE, 443, 40_000, *SUMS[1:], 4, 3, 8, 6, 9, 77, NEXT_HOP),
        ADDRESSES | PORTS | INTERFACES | TAGGED | {"protocol": 6}),
}  # fmt: skip
ABOUT = {"observation_domain": 258, "protocol_version": "netflow8"}


@pytest.mark.proves("B10", "B11")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_aggregation_fills_what_it_has_and_leaves_the_rest_null(scheme: int) -> None:
    layout, values, expected = SCHEMES[scheme]
    body = struct.pack(f">5I{layout}", *SUMS, *values)
    found, _ = decode(datagram(8, body * 3, 3, scheme=scheme))
    assert found == [WHEN | expected | ABOUT | {"other": {"deltaFlowCount": "9"}}] * 3


@pytest.mark.proves("B10", "B12")
@pytest.mark.parametrize("scheme", CATALYST)
def test_switches_pad_what_they_aggregate(scheme: int) -> None:
    layout, values, expected = CATALYST[scheme]
    body = struct.pack(f">{layout}", *values)
    found, counters = decode(datagram(8, body * 2 + bytes(40), 2, scheme=scheme))
    others = {"postIpClassOfService": "9", "extraPackets": "77", "ipv4RouterSc": "10.3.0.3"}
    assert found == [WHEN | expected | ABOUT | {"other": others}] * 2
    assert not any(count for name, count in counters.items() if name.startswith("malformed_"))


@pytest.mark.proves("B10", "A3")
@pytest.mark.parametrize("scheme", [0, 15, 255])
def test_a_scheme_that_nobody_defined_is_refused_by_name(scheme: int) -> None:
    found, counters = decode(datagram(8, bytes(280), 10, scheme=scheme))
    assert found == []
    assert counters["malformed_unknown_scheme"] == 1


@pytest.mark.proves("B1", "B2", "B4", "I10")
@pytest.mark.parametrize("version", [1, 5, 6, 7])
def test_a_count_is_held_against_the_bytes(version: int) -> None:
    body = record(version)
    found, counters = decode(datagram(version, body * 3 + body[:-1], 4))
    assert (len(found), counters["malformed_truncated_record"]) == (3, 1)
    found, counters = decode(datagram(version, body * 41 + b"\0\0\0", 40))
    assert (len(found), counters["malformed_truncated_record"]) == (40, 0)
    found, counters = decode(datagram(version, body, 1)[: HEADERS[version] - 1])
    assert (found, counters["malformed_short_header"]) == ([], 1)


@pytest.mark.proves("B6", "B1")
def test_numbers_count_flows_where_a_version_has_any() -> None:
    for version, lost in ((1, 0), (5, 4), (7, 4)):
        sent = [datagram(version, record(version) * 2, 2, sequence=number) for number in (10, 12, 18)]
        assert decode(*sent)[1]["lost_sequence"] == lost


@pytest.mark.proves("B13")
@pytest.mark.parametrize("version", [1, 7])
def test_a_flow_that_ends_before_it_begins_is_told_as_it_was_sent(version: int) -> None:
    body = bytearray(record(version))
    body[24:32] = struct.pack(">II", LAST, FIRST)
    [row], _ = decode(datagram(version, bytes(body), 1))
    assert row["start"] - row["end"] == 4_000_000_000


def test_verbatim_every_field_is_told() -> None:
    layout, values, _ = CATALYST[8]
    [row], _ = decode(datagram(8, struct.pack(f">{layout}", *values), 1, scheme=8), verbatim=True)
    assert list(row["other"].items())[:4] == [
        ("destinationIPv4Address", "10.2.0.0"),
        ("sourceIPv4Address", "10.1.0.0"),
        ("destinationTransportPort", "443"),
        ("sourceTransportPort", "40000"),
    ]
    assert "src_addr" not in row
