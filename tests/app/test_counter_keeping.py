from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import answer, tidegauge
from tests.conformance.sflow import FRAME, counters_sample, datagram, flow_sample, header, interface_counters
from tidegauge._core import Batch, Decoder
from tidegauge.app.counter_keeping import GATHER, CounterKeeping
from tidegauge.lab.capture import CaptureFile
from tidegauge.store.lake import Lake

NOW = 1_700_000_000_000_000_000
SECOND = 10**9
MINUTE = 60 * SECOND


def told(*moments: int) -> list[Batch]:
    decoder = Decoder()
    for number, moment in enumerate(moments):
        octets = (1_000_000 * number, 500 * number)
        sample = counters_sample(interface_counters(3, octets))
        decoder.feed(
            datagram(sample, sequence=number, uptime=10**6 + moment // 10**6), "192.0.2.1", 9, NOW + moment
        )
    return decoder.drain()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def files(lake: Lake) -> int:
    return len(list((lake.path / "counters").glob("*.parquet")))


def test_samples_gather_and_are_stored_at_the_end(lake: Lake) -> None:
    keeping = CounterKeeping(lake)
    keeping.keep(told(0, SECOND))
    assert (keeping.kept, files(lake)) == (0, 0)
    keeping.keep(told(GATHER))
    assert (keeping.kept, files(lake)) == (3, 1)
    keeping.keep(told(GATHER + SECOND))
    keeping.finish()
    keeping.finish()
    assert (keeping.kept, files(lake)) == (4, 2)


def test_a_lake_that_cannot_be_written_costs_the_samples_alone(lake: Lake) -> None:
    (lake.path / "counters").write_text("no folder")
    keeping = CounterKeeping(lake)
    keeping.keep(told(0, GATHER))
    assert keeping.kept == 0


@pytest.mark.proves("F8")
def test_links_hold_flows_against_what_agents_count(tmp_path: Path) -> None:
    path, start = tmp_path / "sflow.pcap", NOW - NOW % MINUTE
    with CaptureFile(path) as capture:
        for second in range(0, 200, 10):
            # Each looks like 100 frames of 1514 bytes on the wire, of which flows tell 1500.
            long_frame = FRAME[:16] + (1500).to_bytes(2) + FRAME[18:]
            frames = 100 * (second // 10)
            counters = interface_counters(3, (1514 * frames, 0), (frames, 0, 0, 0, 0, 0))
            samples = (flow_sample(header(long_frame, length=1514)), counters_sample(counters))
            content = datagram(*samples, sequence=second // 10, uptime=10**7 + 1000 * second)
            capture.add(content, ("192.0.2.1", 9), ("192.0.2.2", 6343), start + second * SECOND)
    lake = str(tmp_path / "lake")
    tidegauge("import", "--lake", lake, str(path))
    since, until = "2023-11-14T22:13:00Z", "2023-11-14T22:16:00Z"
    [row] = [
        row
        for row in answer("links", "--lake", lake, "--since", since, "--until", until)
        if row["interface"] == 3
    ]
    assert row["exporter"] == "192.0.2.9"
    assert row["counted_in"] == 1514 * 100 * 18
    assert row["coverage_in"] == pytest.approx(1500 / 1514)
