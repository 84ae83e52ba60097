from __future__ import annotations

import socket
import time
from array import array
from collections.abc import Iterator

import pytest

from tidegauge._core import Decoder
from tidegauge.metering.datagram_exporter import BURST_BYTES, DatagramExporter
from tidegauge.metering.encoder import Batch
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget

EXPORT_TIME = 1_767_268_800_000_000_000
SETTINGS = ExportSettings()


@pytest.fixture
def collector() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0)
        yield listening


def target(listening: socket.socket) -> ExportTarget:
    return ExportTarget("ipfix", *listening.getsockname()[:2])


def received(listening: socket.socket) -> list[bytes]:
    datagrams = []
    while True:
        try:
            datagrams.append(listening.recv(65536))
        except BlockingIOError:
            return datagrams


def flows(count: int) -> Batch:
    return Batch({"bytes": array("Q", range(count)), "packets": array("Q", [1] * count)})


def test_what_is_sent_arrives(collector: socket.socket) -> None:
    with DatagramExporter(target(collector), SETTINGS, observation_domain=7) as exporter:
        exporter.send(flows(3), EXPORT_TIME)
        exporter.send(flows(2), EXPORT_TIME)
        assert exporter.datagrams == 2
    decoder = Decoder()
    for datagram in received(collector):
        decoder.feed(datagram, "127.0.0.1", 1, EXPORT_TIME)
    assert decoder.counters()["records"] == 5
    assert decoder.counters()["lost_sequence"] == 0
    assert [snapshot.observation_domain for snapshot in decoder.exporters()] == [7]


def test_a_burst_is_interrupted(collector: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    bursts = []
    monkeypatch.setattr(time, "sleep", lambda _: bursts.append(sum(map(len, received(collector)))))
    with DatagramExporter(target(collector), SETTINGS) as exporter:
        exporter.send(flows(20_000), EXPORT_TIME)
    assert len(bursts) >= 20_000 * 8 // BURST_BYTES
    assert max(bursts) <= BURST_BYTES


def test_a_collector_that_is_not_there_is_noticed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        absent = target(gone)
    with (
        pytest.raises(ConnectionRefusedError, match=rf"cannot export to {absent}".replace("+", r"\+")),
        DatagramExporter(absent, SETTINGS) as exporter,
    ):
        exporter.send(flows(1), EXPORT_TIME)


def test_a_host_without_address_is_an_error() -> None:
    with pytest.raises(OSError, match=r"not known|No address|resolution"):
        DatagramExporter(ExportTarget("ipfix", "collector.invalid", 4739), SETTINGS)


def test_who_is_patient_goes_on_without_a_collector_and_counts() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        absent = target(gone)
    with DatagramExporter(absent, SETTINGS, is_patient=True) as exporter:
        for _ in range(3):
            exporter.send(flows(1), EXPORT_TIME)
        assert 0 < exporter.refusals <= exporter.datagrams == 3


@pytest.mark.parametrize("mtu", [576, 1500, 9000])
def test_datagrams_fit_the_packets_of_the_way(collector: socket.socket, mtu: int) -> None:
    with DatagramExporter(target(collector), ExportSettings(mtu=mtu)) as exporter:
        exporter.send(flows(5_000), EXPORT_TIME)
    longest = max(map(len, received(collector)))
    assert mtu - 40 - 8 - 16 < longest <= mtu - 40 - 8
