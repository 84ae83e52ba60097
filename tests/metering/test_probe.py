from __future__ import annotations

import socket
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aioquic.quic.packet import QuicProtocolVersion
from scapy.utils import RawPcapReader

from tests.data.packets import START
from tests.wire import SERVER, Wire, hello, initials
from tidegauge._core import Decoder
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.exporting import opener
from tidegauge.metering.probe import Metered, meter_capture
from tidegauge.metering.settings import MeterSettings

VERSIONS = ["netflow5", "netflow9", "ipfix"]
SECOND = 1_000_000_000
ARRIVAL = (START + 60) * SECOND
ETHERNET_BYTES = 14


@pytest.fixture(scope="module")
def packets(root: Path) -> Path:
    return root / "tests/data/packets.pcap"


@pytest.fixture
def collector() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0)
        yield listening


def metered(path: Path, version: str, collector: socket.socket, *, idle: float = 15.0) -> Metered:
    target = ExportTarget(version, *collector.getsockname())
    settings = MeterSettings(idle_timeout_seconds=idle)
    return meter_capture(path, [opener(target, ExportSettings(), settings)], settings)


def collected(collector: socket.socket, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of the flows a collector made of what it received, written in SQL."""
    decoder = Decoder()
    while True:
        try:
            decoder.feed(collector.recv(65536), "127.0.0.1", 1, ARRIVAL)
        except BlockingIOError:
            break
    assert decoder.counters()["lost_sequence"] == 0
    (flows,) = [batch for batch in decoder.drain() if batch.table == "flows"]
    with duckdb.connect() as connection:
        return connection.from_arrow(flows).project(", ".join(columns)).fetchall()


def captured(path: Path, *, with_v6: bool) -> dict[bytes, Counter[str]]:
    """Packets and IP bytes by source, as the capture file has them."""
    found: dict[bytes, Counter[str]] = {}
    with RawPcapReader(str(path)) as reader:
        for frame, metadata in reader:
            packet = frame[ETHERNET_BYTES:]
            is_v6 = packet[0] >> 4 == 6
            source = packet[8:24] if is_v6 else bytes(10) + b"\xff\xff" + packet[12:16]
            if with_v6 or not is_v6:
                counts = found.setdefault(source, Counter())
                counts.update(packets=1, bytes=metadata.wirelen - ETHERNET_BYTES)
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_packet_and_byte_of_the_capture_arrives(
    packets: Path, collector: socket.socket, version: str
) -> None:
    result = metered(packets, version, collector)
    found: dict[bytes, Counter[str]] = {}
    for source, count, octets in collected(collector, "src_addr", "packets", "bytes"):
        found.setdefault(source.bytes, Counter()).update(packets=count, bytes=octets)
    assert found == captured(packets, with_v6=version != "netflow5")
    assert result.counters["packets"] == sum(
        counts["packets"] for counts in captured(packets, with_v6=True).values()
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_times_stay_as_captured(packets: Path, collector: socket.socket, version: str) -> None:
    metered(packets, version, collector)
    flows = collected(collector, "epoch_ns(start)", 'epoch_ns("end")')
    with RawPcapReader(str(packets)) as reader:
        times = [metadata.sec * SECOND + metadata.usec * 1000 for _, metadata in reader]
    rounding = 0 if version == "ipfix" else 1_000_000
    assert 0 <= times[0] - min(start for start, _ in flows) <= rounding
    assert 0 <= max(times) - max(end for _, end in flows) <= rounding
    assert all(start <= end for start, end in flows)


def test_a_short_timeout_cuts_flows_but_loses_nothing(packets: Path, collector: socket.socket) -> None:
    whole = metered(packets, "ipfix", collector).counters
    cut = metered(packets, "ipfix", collector, idle=0.1).counters
    assert cut["flows"] > whole["flows"]
    assert (cut["packets"], cut["bytes"]) == (whole["packets"], whole["bytes"])
    assert sum(octets for (octets,) in collected(collector, "bytes")) == whole["bytes"] + cut["bytes"]


def test_a_capture_without_ip_exports_nothing(tmp_path: Path, collector: socket.socket) -> None:
    path = tmp_path / "arp.pcap"
    frame = bytes(12) + b"\x08\x06" + bytes(28)
    header = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(header + struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame)
    result = metered(path, "ipfix", collector)
    assert (result.datagrams, result.counters["packets"], result.counters["not_ip"]) == (0, 0, 1)


def test_a_cut_capture_is_metered_up_to_the_cut(
    packets: Path, tmp_path: Path, collector: socket.socket
) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(packets.read_bytes()[:-5])
    counters = metered(path, "ipfix", collector).counters
    assert counters["damaged_captures"] == 1
    assert counters["packets"] == metered(packets, "ipfix", collector).counters["packets"] - 1


def test_what_is_no_capture_is_refused(root: Path, collector: socket.socket) -> None:
    with pytest.raises(OSError, match=r"README\.md: not a capture"):
        metered(root / "README.md", "ipfix", collector)
    with pytest.raises(FileNotFoundError, match=r"absent\.pcap"):
        metered(root / "absent.pcap", "ipfix", collector)


@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
def test_names_that_clients_tell_arrive_on_both_directions(
    tmp_path: Path, collector: socket.socket, version: str
) -> None:
    wire = Wire()
    wire.tcp([hello("WWW.Example.org", "h2", "http/1.1")], answer=7_000)
    wire.tcp([b"GET / HTTP/1.1\r\nHost: plain.example:8080\r\n\r\n"], port=8080)
    wire.quic(initials("video.example", QuicProtocolVersion.VERSION_1), answer=7_000)
    metered(wire.write(tmp_path / "names.pcap"), version, collector)
    found = set(collected(collector, "least(src_port, dst_port)", "protocol", "site", "site_source", "alpn"))
    assert found == {
        (443, 6, "www.example.org", "sni", "h2"),
        (8080, 6, "plain.example", "http", None),
        (443, 17, "video.example", "sni", "h3"),
    }


@pytest.mark.parametrize("version", list(QuicProtocolVersion)[-2:])
@pytest.mark.parametrize("is_late", [False, True])
def test_a_quic_hello_longer_than_a_packet_is_put_together(
    tmp_path: Path, collector: socket.socket, version: QuicProtocolVersion, *, is_late: bool
) -> None:
    # Protocols without end stand for keys without end, which aioquic has none of yet.
    datagrams = initials("video.example", version, *(f"protocol-number-{number}" for number in range(100)))
    wire = Wire()
    wire.quic(reversed(datagrams) if is_late else datagrams)
    metered(wire.write(tmp_path / "split.pcap"), "ipfix", collector)
    assert len(datagrams) > 1
    assert collected(collector, "site", "client_fingerprint[1]") == [("video.example", "q")]


def test_a_tls_hello_in_many_segments_is_put_together_in_any_order(
    tmp_path: Path, collector: socket.socket
) -> None:
    message = hello("video.example")
    wire = Wire()
    wire.tcp([message[:3], message[3:200], message[200:]])
    wire.packets[3], wire.packets[5] = wire.packets[5], wire.packets[3]
    metered(wire.write(tmp_path / "order.pcap"), "ipfix", collector)
    assert set(collected(collector, "site")) == {("video.example",)}


def test_mail_names_its_server_when_it_starts_tls(tmp_path: Path, collector: socket.socket) -> None:
    wire = Wire()
    wire.tcp([b"EHLO here\r\n", b"STARTTLS\r\n", hello("smtp.example.org")], port=587)
    metered(wire.write(tmp_path / "mail.pcap"), "ipfix", collector)
    assert set(collected(collector, "site")) == {("smtp.example.org",)}


def test_a_name_is_remembered_while_its_connection_rests(tmp_path: Path, collector: socket.socket) -> None:
    wire = Wire()
    wire.tcp([hello("video.example")])
    resting = wire.packets[-1].payload
    for _ in range(3):
        wire.pass_by(resting, after=100)
    metered(wire.write(tmp_path / "rest.pcap"), "ipfix", collector)
    assert collected(collector, "site") == [("video.example",)] * 5


@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize("performance", [False, True])
def test_what_nobody_wants_to_know_is_not_told(
    tmp_path: Path, collector: socket.socket, *, names: bool, performance: bool
) -> None:
    wire = Wire()
    wire.tcp([hello("video.example")])
    wire.dns("www.example.org", SERVER)
    settings = MeterSettings(names=names, performance=performance)
    sink = opener(ExportTarget("ipfix", *collector.getsockname()[:2]), ExportSettings(), settings)
    meter_capture(wire.write(tmp_path / "off.pcap"), [sink], settings)
    assert collected(collector, "count(site) > 0", "count(tcp_rtt) > 0") == [(names, performance)]


@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
def test_round_trips_and_losses_arrive(tmp_path: Path, collector: socket.socket, version: str) -> None:
    wire = Wire()
    wire.tcp([b"x"], answer=14_000)
    lost, overtaken = wire.packets[10], wire.packets[8]
    # One passes again, one comes after the three behind it.
    wire.pass_by(lost.payload)
    wire.packets.sort(key=lambda packet: float(packet.time) + (0.0035 if packet is overtaken else 0))
    metered(wire.write(tmp_path / "tcp.pcap"), version, collector)
    rows = collected(
        collector,
        "dst_port",
        "tcp_rtt // 1000000",
        "tcp_rtt_server // 1000000",
        "tcp_rtt_client // 1000000",
        "retransmits",
        "late_fills",
        "reordered",
        "ttl",
    )
    assert sorted(rows) == [(443, 40, 30, 10, 0, 0, 0, 64), (50000, 40, 30, 10, 1, 0, 1, 64)]
