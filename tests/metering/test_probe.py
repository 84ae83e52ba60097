from __future__ import annotations

import socket
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from scapy.utils import RawPcapReader

from tests.data.packets import START
from tidegauge._core import Decoder
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.exporter import Exporter
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
    return meter_capture(path, [Exporter.opener(target, settings)], settings)


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
