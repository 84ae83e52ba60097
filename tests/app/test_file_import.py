from __future__ import annotations

from pathlib import Path

import pytest

from tests.numbered_flows import NOON, SECOND, batches, datagrams, ledger_sum, numbers_in
from tidegauge.app.file_import import ImportOrder, import_files
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
