"""Flows that the probe metered, after every way to a collector: the same to the unit."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb
import pytest

from tests.certificates import Authority
from tests.packet_trace import Trace, write_trace
from tidegauge._core import Batch, Decoder
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget, FileTarget
from tidegauge.metering.exporting import opener
from tidegauge.metering.probe import SLICE_PACKETS, meter_capture
from tidegauge.metering.settings import MeterSettings
from tidegauge.metering.stream_exporter import StreamExporter
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.listener import Listener
from tidegauge.receiving.stream_listener import StreamListener
from tidegauge.receiving.stream_settings import StreamSettings

if TYPE_CHECKING:
    from tidegauge.metering.export_target import Target

NOON = 1_767_268_800_000_000_000
SETTINGS = MeterSettings(active_timeout_seconds=3, idle_timeout_seconds=0.5)
VERSIONS = ["netflow5", "netflow9", "ipfix"]
# What the way adds.
OF_THE_WAY = "received, exporter, observation_domain, protocol_version, template_id, other, export_time"
BUT_TIMES = f'* EXCLUDE ({OF_THE_WAY}, start, "end")'
# Version 5 has no room for "none".
OF_NETFLOW5 = "src_addr, dst_addr, src_port, dst_port, protocol, coalesce(tcp_flags, 0), tos, packets, bytes"
TIMES = 'epoch_ns(start), epoch_ns("end")'
MILLISECONDS = 'epoch_ns(start) // 1000000, epoch_ns("end") // 1000000'
V4 = "src_addr::VARCHAR LIKE '00000000-0000-0000-0000-ffff%'"

Rows: TypeAlias = list[tuple[Any, ...]]


def rows(batches: Sequence[Batch], columns: str, where: str = "true") -> Rows:
    """Columns of all flows, in an order of their own."""
    flows = [batch for batch in batches if batch.table == "flows"]
    found: Rows = []
    with duckdb.connect() as connection:
        for batch in flows:
            found += connection.from_arrow(batch).filter(where).project(columns).fetchall()
    return sorted(found, key=repr)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return write_trace(tmp_path_factory.mktemp("trace") / "trace.pcap", 6_000, 700, seed=3)


@pytest.fixture(scope="module")
def metered(trace: Trace) -> list[Batch]:
    """The meter's own rows, which nobody has encoded."""
    meter = SETTINGS.meter()
    batches: list[Batch] = []
    while meter.read(str(trace.path), SLICE_PACKETS):
        batches += meter.drain()
    return batches + meter.drain(everything=True)


@pytest.fixture(scope="module")
def arrived(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Batch]]:
    """Rows of a collector by the way they took, all of one run of the probe."""
    folder = tmp_path_factory.mktemp("ways")
    authority = Authority(folder)
    certificate, key = authority.issue("collector")
    probe_certificate, probe_key = authority.issue("probe")
    streams = StreamSettings(tls_certificate=certificate, tls_key=key, tls_trusted=authority.path)
    listeners: dict[Target, Listener | StreamListener] = {}
    for version, transport in [
        *((version, "udp") for version in VERSIONS),
        ("ipfix", "tcp"),
        ("ipfix", "tls"),
    ]:
        address, counters_path = (
            ListenAddress("127.0.0.1", 0, transport),
            folder / f"{version}-{transport}.map",
        )
        listener = (
            Listener(address, writer_id="", counters_path=counters_path)
            if transport == "udp"
            else StreamListener(address, streams, writer_id="", counters_path=counters_path)
        )
        listeners[ExportTarget(version, "127.0.0.1", listener.address.port, transport)] = listener
    file = FileTarget(folder / "flows.ipfix")
    exporting = ExportSettings(
        tls_trusted=authority.path, tls_certificate=probe_certificate, tls_key=probe_key
    )
    sinks = [opener(target, exporting, SETTINGS) for target in [*listeners, file]]
    meter_capture(trace.path, sinks, SETTINGS)
    found = {}
    for target, listener in listeners.items():
        assert isinstance(target, ExportTarget)
        found[f"{target.protocol_version}+{target.transport}"] = listener.close()
        assert listener.counters()["lost_sequence"] == listener.counters()["parked"] == 0
    decoder = Decoder()
    while decoder.read(str(file.path), "::"):
        pass
    found["ipfix+file"] = decoder.close()
    return found


@pytest.mark.parametrize("way", ["ipfix+udp", "ipfix+tcp", "ipfix+tls", "ipfix+file"])
def test_ipfix_brings_everything_back(
    metered: list[Batch], arrived: dict[str, list[Batch]], way: str
) -> None:
    everything = f"{BUT_TIMES}, {TIMES}"
    expected = rows(metered, everything)
    assert len(expected) > 1_000
    assert rows(arrived[way], everything) == expected


def test_netflow9_brings_everything_back_to_the_millisecond(
    metered: list[Batch], arrived: dict[str, list[Batch]]
) -> None:
    everything = f"{BUT_TIMES}, {MILLISECONDS}"
    assert rows(arrived["netflow9+udp"], everything) == rows(metered, everything)


def test_netflow5_brings_back_what_it_knows(metered: list[Batch], arrived: dict[str, list[Batch]]) -> None:
    known = f"{OF_NETFLOW5}, {MILLISECONDS}"
    expected = rows(metered, known, V4)
    assert 500 < len(expected) < len(rows(metered, known))
    assert rows(arrived["netflow5+udp"], known) == expected


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_collector_that_is_started_again_gets_each_flow_once(tmp_path: Path, transport: str) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("collector")
    streams = StreamSettings(tls_certificate=certificate, tls_key=key)

    def listen(port: int, number: int) -> StreamListener:
        address = ListenAddress("127.0.0.1", port, transport)
        return StreamListener(address, streams, writer_id="", counters_path=tmp_path / f"{number}.map")

    listener = listen(0, 0)
    port = listener.address.port
    exporter = StreamExporter(
        ExportTarget("ipfix", "127.0.0.1", port, transport),
        ExportSettings(tls_trusted=authority.path),
        is_patient=True,
    )
    listeners: list[StreamListener] = []
    batches: list[Batch] = []
    for number in range(1, 5):
        for part in range(40):
            first = 1_000 * (40 * number + part)
            exporter.send(Batch({"bytes": array("Q", range(first, first + 1_000))}), NOON)
        listeners.append(listener)
        batches += listener.close()
        listener = listen(port, number)
    exporter.close()
    listeners.append(listener)
    batches += listener.close()
    counters = [one.counters() for one in listeners]
    assert sum(count["records"] for count in counters) == 160_000
    flows = (batch for batch in batches if batch.table == "flows")
    assert sum(batch.total("bytes") for batch in flows) == sum(range(40_000, 200_000))
    assert not any(count["lost_sequence"] + count["parked"] for count in counters)
    assert exporter.lost_flows == 0
