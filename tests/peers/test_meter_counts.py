"""What the meter counts, against a plain dictionary over scapy, and nfdump's reading of our exports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.utils import RawPcapNgReader, RawPcapReader

from tests.packet_trace import Trace, write_trace
from tests.peers import nfdump
from tests.peers.totals import Totals
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.exporting import opener
from tidegauge.metering.probe import meter_capture
from tidegauge.metering.settings import MeterSettings

pytestmark = pytest.mark.peers

SECOND = 1_000_000_000
ACTIVE, IDLE, CLOSED = 3 * SECOND, SECOND // 2, SECOND // 2
SETTINGS = MeterSettings(active_timeout_seconds=3, idle_timeout_seconds=0.5)
CLOSING, OPENING = 0x01 | 0x04, 0x02
VERSIONS = ["netflow5", "netflow9", "ipfix"]


@dataclass
class Flow:
    """A flow that the dictionary counts."""

    start: int
    end: int
    flags: int = 0

    def is_over(self, time: int, flags: int) -> bool:
        is_closed = bool(self.flags & CLOSING)
        silence = CLOSED if is_closed else IDLE
        return (
            (is_closed and bool(flags & OPENING)) or time - self.end >= silence or time - self.start >= ACTIVE
        )


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return write_trace(tmp_path_factory.mktemp("trace") / "trace.pcap", 4_000, 400, seed=7)


@pytest.fixture(scope="module")
def truth(trace: Trace) -> dict[str, Totals]:
    """Bytes, packets and flows of each source, by the dictionary."""
    flows: dict[object, Flow] = {}
    counts: dict[str, Counter[str]] = {}
    with RawPcapReader(str(trace.path)) as reader:
        assert not isinstance(reader, RawPcapNgReader)
        for frame, metadata in reader:
            packet = Ether(frame).payload
            time = metadata.sec * SECOND + metadata.usec  # which holds nanoseconds here
            transport = packet[TCP] if TCP in packet else packet[UDP]
            flags = int(transport.flags) if TCP in packet else 0
            key = (packet.src, packet.dst, transport.name, transport.sport, transport.dport)
            found = counts.setdefault(packet.src, Counter())
            flow = flows.get(key)
            if flow is None or flow.is_over(time, flags):
                flow = flows[key] = Flow(time, time)
                found["flows"] += 1
            flow.end, flow.flags = time, flow.flags | flags
            length = packet[IP].len if IP in packet else packet[IPv6].plen + 40
            found.update(packets=1, bytes=length)
    return {source: Totals(**found) for source, found in counts.items()}


def test_the_dictionary_counts_what_the_generator_wrote(trace: Trace, truth: dict[str, Totals]) -> None:
    assert sum(total.packets for total in truth.values()) == trace.packets
    assert sum(total.bytes for total in truth.values()) == trace.bytes
    assert sum(total.flows for total in truth.values()) > trace.flows, "the timeouts matter"


@pytest.mark.parametrize("version", VERSIONS)
def test_nfdump_reads_from_our_export_what_the_dictionary_counts(
    trace: Trace, truth: dict[str, Totals], version: str, tmp_path: Path
) -> None:
    with nfdump.nfcapd(tmp_path / "nfcapd") as port:
        exporter = opener(ExportTarget(version, "127.0.0.1", port), ExportSettings(), SETTINGS)
        metered = meter_capture(trace.path, [exporter], SETTINGS)
    assert metered.counters["flows"] == sum(total.flows for total in truth.values())
    sent = {source: total for source, total in truth.items() if version != "netflow5" or ":" not in source}
    assert nfdump.totals_by_source(tmp_path / "nfcapd") == sent
    if version == "netflow9":
        # In IPFIX nfdump 1.7.1 turns the bytes of a number round.
        told = {"3..443 https/known by port 443 alone", "3..53 domain/known by port 53 alone"}
        assert nfdump.applications(tmp_path / "nfcapd") == told
