from __future__ import annotations

import socket
import struct
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread

import pytest

from tests.certificates import Authority
from tests.flow_sender import wait_until
from tidegauge._core import Decoder
from tidegauge.metering import stream_exporter
from tidegauge.metering.encoder import Batch
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.stream_exporter import StreamExporter

SECOND = 1_000_000_000
EXPORT_TIME = 1_767_268_800 * SECOND
SETTINGS = ExportSettings()


class Collector:
    """Listens at a port of the loopback, and reads one connection after another when told to."""

    def __init__(self, port: int = 0) -> None:
        self.listening = socket.create_server(("127.0.0.1", port), backlog=5)
        self.target = ExportTarget("ipfix", "127.0.0.1", self.listening.getsockname()[1], "tcp")

    def session(self, until: Callable[[Decoder], bool] = lambda _: False) -> Decoder:
        """What one connection brings until its end, or until it is enough."""
        connection, _ = self.listening.accept()
        decoder = Decoder()
        with connection:
            while not until(decoder) and (data := connection.recv(1 << 16)):
                assert decoder.feed_stream(data, "127.0.0.1", 1, EXPORT_TIME) is None
        decoder.end_stream("127.0.0.1", 1, EXPORT_TIME)
        return decoder

    def close(self) -> None:
        self.listening.close()


def flows(count: int) -> Batch:
    return Batch({"bytes": array("Q", range(count)), "packets": array("Q", [1] * count)})


def send(exporter: StreamExporter, counts: Sequence[int]) -> None:
    for count in counts:
        exporter.send(flows(count), EXPORT_TIME)
    exporter.close()


def in_background(act: Callable[..., None], *arguments: object) -> Thread:
    thread = Thread(target=act, args=arguments)
    thread.start()
    return thread


def numbers(*decoders: Decoder) -> int:
    return sum(decoder.counters()["records"] for decoder in decoders)


KINDS = (2, 3)
"""Templates: of flows, of what was not sent, and often of what was exported before."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def absent(collector: Collector) -> ExportTarget:
    """A collector that has gone."""
    collector.close()
    return collector.target


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_exporter, "FIRST_PAUSE_SECONDS", 0.02)


@pytest.mark.parametrize("is_patient", [False, True])
def test_what_is_sent_arrives_with_templates_told_once(collector: Collector, *, is_patient: bool) -> None:
    exporter = StreamExporter(collector.target, SETTINGS, observation_domain=7, is_patient=is_patient)
    sending = in_background(send, exporter, [9_000] * 3)
    decoder = collector.session()
    sending.join()
    counters = decoder.counters()
    assert (counters["records"], counters["lost_sequence"]) == (27_000, 0)
    assert counters["templates"] in KINDS
    assert [snapshot.observation_domain for snapshot in decoder.exporters()] == [7]
    assert counters["datagrams"] == exporter.datagrams
    assert exporter.lost_flows == 0


def test_flows_wait_for_a_collector_that_is_away(absent: ExportTarget) -> None:
    exporter = StreamExporter(absent, SETTINGS, is_patient=True)
    for _ in range(4):
        exporter.send(flows(1_000), EXPORT_TIME)
    time.sleep(0.1)
    collector = Collector(absent.port)
    closing = in_background(exporter.close)
    decoder = collector.session()
    closing.join()
    collector.close()
    assert (numbers(decoder), decoder.counters()["lost_sequence"], exporter.lost_flows) == (4_000, 0, 0)


def test_what_a_broken_connection_did_not_bring_comes_in_the_next(collector: Collector) -> None:
    # A small window, so that much is still under way when the collector goes.
    collector.listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
    exporter = StreamExporter(collector.target, SETTINGS, is_patient=True)
    exporter.send(flows(50_000), EXPORT_TIME)
    first, _ = collector.listening.accept()
    head = first.recv(50_000, socket.MSG_WAITALL)
    time.sleep(0.2)
    # It ends with what was acknowledged, all of which a program that is told to stop would read.
    first.shutdown(socket.SHUT_RDWR)
    while data := first.recv(1 << 14):
        head += data
    first.close()
    before = Decoder()
    assert before.feed_stream(head, "127.0.0.1", 1, EXPORT_TIME) is None
    closing = in_background(exporter.close)
    after = collector.session()
    closing.join()
    assert 0 < numbers(before) < 50_000
    assert numbers(before, after) == 50_000
    assert before.counters()["lost_sequence"] == after.counters()["lost_sequence"] == 0
    assert after.counters()["templates"] in KINDS
    assert exporter.lost_flows == 0


def test_messages_bear_the_time_at_which_they_leave(collector: Collector) -> None:
    later = EXPORT_TIME + 3600 * SECOND
    with StreamExporter(collector.target, SETTINGS, is_patient=True, clock=lambda: later) as exporter:
        exporter.send(flows(1), EXPORT_TIME)
        connection, _ = collector.listening.accept()
        with connection:
            assert struct.unpack_from("!I", connection.recv(1 << 16), 4) == (later // SECOND,)
            exporter.close()


def test_times_of_a_capture_stay_as_they_are(collector: Collector) -> None:
    with StreamExporter(collector.target, SETTINGS) as exporter:
        exporter.send(flows(1), EXPORT_TIME)
        connection, _ = collector.listening.accept()
        with connection:
            assert struct.unpack_from("!I", connection.recv(1 << 16), 4) == (EXPORT_TIME // SECOND,)
            exporter.close()


def test_what_finds_no_room_is_counted_and_told(
    absent: ExportTarget, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = StreamExporter(absent, SETTINGS, is_patient=True, queue_bytes=10_000)
    for _ in range(4):
        exporter.send(flows(1_000), EXPORT_TIME)
    assert exporter.lost_flows == 2_000
    assert exporter.not_sent == (2_000, 2_000, 2 * sum(range(1_000)))
    assert sum("flows are lost" in record.getMessage() for record in caplog.records) == 1
    exporter.close()
    assert exporter.lost_flows == 4_001, "nor did the others find anybody, nor the record that told so"
    assert "did not take its last flows" in caplog.messages[-1]


def test_who_is_not_patient_needs_a_collector() -> None:
    absent = Collector()
    absent.close()
    with pytest.raises(
        OSError, match=rf"cannot export to ipfix\+tcp://127.0.0.1:{absent.target.port}: .*refused"
    ):
        StreamExporter(absent.target, SETTINGS)


def test_who_is_not_patient_is_told_when_the_collector_goes(collector: Collector) -> None:
    exporter = StreamExporter(collector.target, SETTINGS)
    collector.listening.accept()[0].close()
    collector.close()

    def fails() -> bool:
        try:
            exporter.send(flows(10), EXPORT_TIME)
        except OSError as error:
            return "cannot export to" in str(error)
        return False

    wait_until(fails)
    exporter.abandon()


def test_a_slow_reader_is_waited_for(collector: Collector) -> None:
    exporter = StreamExporter(collector.target, SETTINGS, queue_bytes=50_000)
    sending = in_background(send, exporter, [2_000] * 200)
    time.sleep(0.2)
    decoder = collector.session()
    sending.join()
    assert numbers(decoder) == 400_000


def test_files_that_cannot_be_used_are_told_before_anything_is_sent(
    collector: Collector, tmp_path: Path
) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    target = collector.target._replace(transport="tls")
    assert authority.path != other.path
    with pytest.raises(OSError, match=r"absent.pem holds no certificates to trust"):
        StreamExporter(target, ExportSettings(tls_trusted=tmp_path / "absent.pem"))
    with pytest.raises(OSError, match="cannot be used for TLS"):
        StreamExporter(
            target,
            ExportSettings(tls_trusted=other.path, tls_certificate=other.path, tls_key=other.path),
        )
