"""Our encoder against our decoder, and against scapy's."""

from __future__ import annotations

from array import array
from ipaddress import IPv4Address
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.netflow import NetflowDataflowsetV9, NetflowHeader, NetflowRecordV5, NetflowSession

from tidegauge._core import Decoder
from tidegauge.flow.fields import FIELDS
from tidegauge.metering.encoder import Batch, Encoder

EXPORT_TIME = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z
BOOT_TIME = EXPORT_TIME - 86_400_000_000_000
MILLISECOND = 1_000_000
TYPE_CODES = {"uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q"}
SENT = {field.name: field.type for field in FIELDS if field.elements and field.type != "elements"}


def mapped(address: str) -> bytes:
    return bytes(10) + b"\xff\xff" + IPv4Address(address).packed


def values(field_type: str) -> st.SearchStrategy[Any]:
    """Any value that a column of the type can hold, times to the nanosecond."""
    if code := TYPE_CODES.get(field_type):
        return st.integers(0, 256 ** array(code).itemsize - 1)
    return {
        "instant": st.integers(EXPORT_TIME - 3_600_000_000_000, EXPORT_TIME),
        "address": st.one_of(st.binary(min_size=16, max_size=16), st.binary(min_size=4, max_size=4).map(v4)),
        "int64": st.integers(0, 2**63 - 1),
        "mac": st.binary(min_size=6, max_size=6),
        "text": st.text(st.characters(exclude_categories=["C", "Z"]), max_size=40),
    }[field_type]


def v4(octets: bytes) -> bytes:
    return bytes(10) + b"\xff\xff" + octets


def column(field_type: str, items: list[Any]) -> bytes | array[int]:
    """Values in the form a batch takes them."""
    if code := TYPE_CODES.get(field_type):
        return array(code, items)
    if field_type in {"instant", "int64"}:
        return array("q", items)
    return "".join(f"{line}\n" for line in items).encode() if field_type == "text" else b"".join(items)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    names = draw(st.sets(st.sampled_from(sorted(SENT)), min_size=1))
    rows = draw(st.integers(1, 5))
    drawn = {name: draw(st.lists(values(SENT[name]), min_size=rows, max_size=rows)) for name in names}
    return Batch({name: column(SENT[name], items) for name, items in drawn.items()})


def decoded(datagrams: list[bytes]) -> Decoder:
    decoder = Decoder()
    for datagram in datagrams:
        decoder.feed(datagram, "192.0.2.1", 2055, EXPORT_TIME)
    return decoder


def rows_of(batch: Batch, names: list[str]) -> list[tuple[Any, ...]]:
    """Rows as tuples, in an order of their own: rows with the same columns travel together."""
    columns = [f'epoch_ns("{name}")' if SENT[name] == "instant" else f'"{name}"' for name in names]
    with duckdb.connect() as connection:
        rows = connection.from_arrow(batch).project(", ".join(columns)).fetchall()
    return sorted(rows, key=repr)


def with_sum(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row as whoever is told both parts of a handshake's round trip knows it."""
    whole, *parts = (list(SENT).index(name) for name in ("tcp_rtt", "tcp_rtt_server", "tcp_rtt_client"))
    told = [row[part] for part in parts]
    if row[whole] is not None or None in told or sum(told) >= 2**63:
        return row
    return (*row[:whole], sum(told), *row[whole + 1 :])


@settings(deadline=None)  # the first batch loads DuckDB
@given(batch=batches())
def test_ipfix_brings_every_value_back_to_the_nanosecond(batch: Batch) -> None:
    decoder = decoded(Encoder("ipfix").encode(batch, EXPORT_TIME))
    counters = decoder.counters()
    arrived = [rows for rows in decoder.drain() if rows.table == "flows"]
    sent = [with_sum(row) for row in rows_of(batch, list(SENT)) if any(value is not None for value in row)]
    assert [row for rows in arrived for row in rows_of(rows, list(SENT))] == sorted(sent, key=repr)
    assert not any(count for name, count in counters.items() if name.startswith(("malformed", "lost")))


@pytest.fixture
def flows() -> Batch:
    return Batch(
        {
            "src_addr": mapped("192.168.10.7") + mapped("192.168.10.8"),
            "dst_addr": mapped("203.0.113.20") * 2,
            "src_port": array("H", [49152, 49153]),
            "dst_port": array("H", [443, 53]),
            "protocol": bytes([6, 17]),
            "packets": array("Q", [3, 5]),
            "bytes": array("Q", [1234, 70000]),
            "start": array("q", [EXPORT_TIME - 2000 * MILLISECOND, EXPORT_TIME - 1000 * MILLISECOND]),
            "end": array("q", [EXPORT_TIME - 500 * MILLISECOND, EXPORT_TIME - 250 * MILLISECOND]),
        }
    )


def test_scapy_reads_netflow_5_as_we_meant_it(flows: Batch) -> None:
    (datagram,) = Encoder("netflow5", boot_time=BOOT_TIME).encode(flows, EXPORT_TIME)
    packet: Any = NetflowHeader(datagram)
    first, second = packet.getlayer(NetflowRecordV5, 1), packet.getlayer(NetflowRecordV5, 2)
    assert (first.src, first.dst, first.srcport, first.dstport) == (
        "192.168.10.7",
        "203.0.113.20",
        49152,
        443,
    )
    assert (second.prot, second.dpkts, second.dOctets) == (17, 5, 70000)
    uptime = 86_400_000
    assert (first.first, first.last) == (uptime - 2000, uptime - 500)


@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
def test_scapy_reads_templates_and_data_as_we_meant_them(flows: Batch, version: str) -> None:
    (datagram,) = Encoder(version, boot_time=BOOT_TIME).encode(flows, EXPORT_TIME)
    packet: Any = NetflowSession().process(NetflowHeader(datagram))
    first, second = packet[NetflowDataflowsetV9].records
    assert (first.IPV4_SRC_ADDR, first.IPV4_DST_ADDR) == ("192.168.10.7", "203.0.113.20")
    assert (first.L4_SRC_PORT, first.L4_DST_PORT, first.PROTOCOL) == (49152, 443, 6)
    assert (second.IN_BYTES, second.IN_PKTS) == (70000, 5)


def test_only_flows_are_exported() -> None:
    decoder = decoded([b"\x00\x00"])
    (ledger,) = decoder.drain()
    with pytest.raises(ValueError, match="a batch of ledger cannot be exported"):
        Encoder("ipfix").encode(ledger, EXPORT_TIME)


def test_an_unknown_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match="is not netflow5, netflow9 or ipfix"):
        Encoder("netflow7")
