from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.flow_sender import send, wait_until
from tests.numbered_flows import datagrams
from tidegauge._core import Decoder
from tidegauge.app import copy_keeping
from tidegauge.app.collector import Collector
from tidegauge.app.copy_settings import CopySettings
from tidegauge.app.intake import ReceivingSettings
from tidegauge.receiving.forward_target import ForwardTarget
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.copy_record import read_records
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import raw_files

HOUR = 3600 * 10**9


def collector(lake: Lake, address: ListenAddress, copies: CopySettings) -> Collector:
    return Collector(lake, [address], time.time_ns, ReceivingSettings(copies=copies))


def test_datagrams_are_kept_and_forwarded_and_told_of(lake: Lake, loopback: ListenAddress) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(10)
        target = ForwardTarget(*other.getsockname())
        running = collector(lake, loopback, CopySettings(HOUR, targets=(target,), keeps_source=False))
        running.start()
        send(running.addresses[0], range(90), at=0)
        assert [other.recv(65_536) for _ in range(3)] == datagrams(range(90), 0)
        running.stop()
    [record] = read_records(lake)
    kept, sent = record.copies
    assert (kept.datagrams, kept.lost) == (3, 0)
    assert kept.file_bytes == sum(file.bytes for file in raw_files(lake)) > 0
    assert (sent.target, sent.datagrams, sent.from_own, sent.lost) == (str(target), 3, 3, 0)
    assert running.statistics()["copies"][0]["listener"] == str(running.addresses[0])


def test_copies_of_several_receivers_are_in_the_order_of_each_exporter(
    lake: Lake, loopback: ListenAddress
) -> None:
    sources = [f"127.0.9.{host}" for host in range(1, 13)]
    now = time.time_ns()
    contents = datagrams(range(120), now)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(10)
        copies = CopySettings(HOUR, targets=(ForwardTarget(*other.getsockname()),), keeps_source=False)
        running = Collector(lake, [loopback], time.time_ns, ReceivingSettings(copies=copies, receivers=2))
        running.start()
        for source in sources:
            send(running.addresses[0], range(120), at=now, source=source)
        forwarded = [other.recv(65_536) for _ in range(len(sources) * len(contents))]
        running.stop()
    # All send the same: of each datagram there are never more so far than of the one before it.
    places = [contents.index(content) for content in forwarded]
    for end in range(1, len(places) + 1):
        so_far = [places[:end].count(place) for place in range(len(contents))]
        assert so_far == sorted(so_far, reverse=True)
    assert sorted(places) == sorted([*range(len(contents))] * len(sources))
    decoder = Decoder()
    for file in raw_files(lake):
        assert decoder.read(str(file.path), "::")
    counters = decoder.counters()
    assert (counters["records"], counters["lost_sequence"]) == (120 * len(sources), 0)
    assert len(decoder.exporters()) == len(sources)


def test_old_files_go_while_it_runs(
    lake: Lake, loopback: ListenAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_keeping, "SECONDS", 0.02)
    folder = lake.path / "raw" / "udp-a-1"
    folder.mkdir(parents=True)
    old, new = (folder / f"1970-01-01T00{minute}00.000000000Z.pcapng.zst" for minute in ("00", "01"))
    old.touch()
    new.touch()
    running = collector(lake, loopback, CopySettings(HOUR))
    running.start()
    try:
        wait_until(lambda: not old.exists())
    finally:
        running.stop()
    assert new.exists(), "it may still be written"


def test_a_folder_that_cannot_be_written_ends_nothing(lake: Lake, loopback: ListenAddress) -> None:
    Path(lake.path / "raw").write_text("a file")
    running = collector(lake, loopback, CopySettings(HOUR))
    running.start()
    send(running.addresses[0], range(30))
    wait_until(lambda: running.statistics()["stored"] == 30)
    running.stop()
    [row] = running.statistics()["copies"]
    assert (row["datagrams"], row["lost_failed"], row["error"]) == (0, 1, "Not a directory")
