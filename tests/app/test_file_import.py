from __future__ import annotations

import struct
from pathlib import Path
from random import Random

import pytest

from tests.numbered_flows import NOON, SECOND, batches, datagrams, ledger_sum, numbers_in
from tidegauge.analysis.clocks import clocks
from tidegauge.app.file_import import ImportOrder, import_files
from tidegauge.lab.capture import CaptureFile
from tidegauge.lab.header_clock import HeaderClock, irregular
from tidegauge.query.question import Query
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.errors import NoSpaceError
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.write_bytes(b"".join([*datagrams(range(40), NOON - SECOND), *datagrams(range(40, 60), NOON)]))
    return path


def order(*paths: Path, ends_now: bool = False) -> ImportOrder:
    return ImportOrder(paths, "192.0.2.7", is_one_session=False, ends_now=ends_now)


def received(lake: Lake) -> tuple[int | None, int | None]:
    [flows] = [segment for segment in lake.manifest().segments if segment.table == "flows"]
    return flows.received_min, flows.received_max


def test_a_file_comes_in_whole(lake: Lake, capture: Path) -> None:
    summary = import_files(lake, order(capture), NOON)
    assert numbers_in(lake) == list(range(60))
    assert received(lake) == (NOON - SECOND, NOON)
    assert summary.datagrams == {capture: 3}
    assert summary.counters["records"] == ledger_sum(lake, "stored") == 60


def test_the_last_arrival_can_be_now(lake: Lake, capture: Path) -> None:
    now = NOON + 1_000_000 * SECOND + 7
    import_files(lake, order(capture, ends_now=True), now)
    assert received(lake) == (now - SECOND, now)
    assert ledger_sum(lake, "records") == 60


def test_one_bad_file_keeps_all_out(lake: Lake, capture: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot be read"):
        import_files(lake, order(capture, tmp_path / "none"), NOON)
    assert numbers_in(lake) == []


def test_nothing_recognised_commits_nothing(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("no flow at all")
    assert import_files(lake, order(path), NOON).datagrams == {path: 0}
    assert lake.manifest().generation == 0


def test_a_full_disk_keeps_all_out(lake: Lake, capture: Path) -> None:
    lake.space.reserve_bytes = 10**18
    with pytest.raises(NoSpaceError):
        import_files(lake, order(capture), NOON)
    assert numbers_in(lake) == []


def test_a_collector_may_run_beside_it(lake: Lake, capture: Path) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([100]))
    import_files(lake, order(capture), NOON)
    writer.append(batches([101]))
    assert numbers_in(lake) == [*range(60), 100, 101]


def ipfix(elements: list[tuple[int, int, int]], records: bytes) -> bytes:
    """A message with one template, of (enterprise, id, length), and its records."""
    fields = b"".join(
        struct.pack(">HHI", element | 0x8000, length, enterprise)
        if enterprise
        else struct.pack(">HH", element, length)
        for enterprise, element, length in elements
    )
    template = struct.pack(">HHHH", 2, 8 + len(fields), 256, len(elements)) + fields
    data = struct.pack(">HH", 256, 4 + len(records)) + records
    header = struct.pack(">HHIII", 10, 16 + len(template + data), NOON // SECOND, 0, 1)
    return header + template + data


def test_names_that_vendors_send_fill_the_site(lake: Lake, tmp_path: Path) -> None:
    """As nProbe does: a column for TLS and one for HTTP, empty where it was the other."""
    ntop, capture = 35632, tmp_path / "ntop"
    elements = [(0, 1, 4), (ntop, 187, 8), (ntop, 188, 8)]
    texts = [(b"", b"tls.test"), (b"web.test", b""), (b"web.test", b"tls.test"), (b"", b"")]
    records = b"".join(struct.pack(">I8s8s", 1, *both) for both in texts)
    capture.write_bytes(ipfix(elements, records))
    import_files(lake, order(capture), NOON)
    with lake.generation() as generation, Engine(generation) as engine:
        found = engine.rows("SELECT site, len(other) FROM flows")
    assert found == [("tls.test", 1), ("web.test", 1), ("tls.test", 1), (None, 1)]


def netflow5(sequence: int, uptime_ms: int, wall: int) -> bytes:
    """A datagram of one record, of which only the header matters."""
    header = struct.pack(">HHIIIIHH", 5, 1, uptime_ms % 2**32, *divmod(wall, SECOND), sequence, 0, 0)
    return header + bytes(48)


def test_a_capture_tells_of_the_clocks_that_its_headers_were_read_from(lake: Lake, tmp_path: Path) -> None:
    """Five minutes slow, 40 ppm fast, and its uptime wraps after half a minute; it reads microseconds."""
    random, boot = Random(1), NOON - 2**32 * 1_000_000 + 30 * SECOND
    moments = irregular(NOON, 120, 5, random)
    clock = HeaderClock(origin=NOON, offset=-300 * SECOND, skew_ppm=40, quantum=1000)
    with CaptureFile(tmp_path / "capture.pcap") as capture:
        for sequence, (arrival, wall) in enumerate(sorted(clock.stamps(moments, random))):
            uptime_ms = (wall + 300 * SECOND - boot) // 1_000_000
            capture.add(netflow5(sequence, uptime_ms, wall), ("192.0.2.1", 9), ("192.0.2.2", 2055), arrival)
    import_files(lake, order(tmp_path / "capture.pcap"), NOON)
    wall_row, uptime_row = clocks(lake, Query(), NOON).data
    assert (wall_row["exporter"], wall_row["clock"], wall_row["state"]) == ("192.0.2.1", "wall", "wrong")
    assert wall_row["offset_seconds"] == pytest.approx(-300, abs=0.007)
    assert wall_row["offset_low"] < -300 + 0.005 < wall_row["offset_high"] < wall_row["offset_low"] + 0.27
    assert (uptime_row["clock"], uptime_row["state"]) == ("uptime", "good")
    assert wall_row["drift_ppm"] == pytest.approx(40, abs=10)


def test_messages_without_arrivals_tell_nothing_of_clocks(lake: Lake, capture: Path) -> None:
    import_files(lake, order(capture), NOON)
    [row] = clocks(lake, Query(), NOON).data
    assert (row["state"], row["offset_low"], row["offset_high"]) == ("unknown", None, None)
