from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.numbered_flows import NOON, SECOND, batches, ledger_sum, numbers_in
from tidegauge.store import absorption
from tidegauge.store.absorption import absorb
from tidegauge.store.lake import Lake
from tidegauge.store.recovery import recover, remove_orphans
from tidegauge.store.sweep import sweep
from tidegauge.store.tail import Tail
from tidegauge.store.writer import LakeWriter

HOUR = 3600 * SECOND
LARGE = 100


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred rows do in these tests for the hundred thousand that make a file large."""
    monkeypatch.setattr(absorption, "ADOPTED_ROWS", LARGE)


def test_a_tail_becomes_one_segment_a_table(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    for number in range(5):
        writer.append(batches([number], NOON + number * SECOND))
    assert absorb(lake, Tail(lake.path / "tail" / "w"), NOON) == 5
    flows, ledger = lake.manifest().segments
    assert (flows.table, flows.rows, flows.level) == ("flows", 5, "minute")
    assert (flows.received_min, flows.received_max) == (NOON, NOON + 4 * SECOND)
    assert (ledger.table, ledger.rows) == ("ledger", 1)
    assert flows.path == "segments/2026/01/01/12-minute-w-5.flows.parquet"
    assert numbers_in(lake) == list(range(5))


def test_absorbing_nothing_commits_nothing(lake: Lake) -> None:
    LakeWriter(lake, "w")
    assert absorb(lake, Tail(lake.path / "tail" / "w"), NOON) == 0
    assert lake.manifest().generation == 0


def flow_segments(lake: Lake) -> dict[str, int]:
    return {Path(each.path).name: each.rows for each in lake.manifest().segments if each.table == "flows"}


def inode(path: Path) -> int:
    return path.stat().st_ino


def test_large_files_are_adopted_and_small_ones_joined(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    for number, rows in enumerate((1, LARGE, 2, LARGE + 1, 3)):
        writer.append(batches(range(1000 * number, 1000 * number + rows), NOON + number * SECOND))
    tail = Tail(lake.path / "tail" / "w")
    first_names = {sequence: inode(tail.path(sequence, "flows")) for sequence in (2, 4)}
    writer.compact(NOON)
    names = ["12-minute-w-2.flows.parquet", "12-minute-w-4.flows.parquet", "12-minute-w-5.flows.parquet"]
    assert flow_segments(lake) == dict(zip(names, (LARGE, LARGE + 1, 6), strict=True))
    adopted = [lake.path / each.path for each in lake.manifest().segments[:2]]
    assert [inode(path) for path in adopted] == [first_names[2], first_names[4]]
    assert [(each.received_min, each.received_max) for each in lake.manifest().segments[:3]] == [
        (NOON + SECOND, NOON + SECOND),
        (NOON + 3 * SECOND, NOON + 3 * SECOND),
        (NOON, NOON + 4 * SECOND),
    ]
    assert len(numbers_in(lake)) == ledger_sum(lake, "stored") == 2 * LARGE + 7


def test_a_file_that_is_alone_is_adopted(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    first_name = inode(Tail(lake.path / "tail" / "w").path(1, "flows"))
    writer.close(NOON)
    assert inode(lake.path / lake.manifest().segments[0].path) == first_name


def test_a_reader_of_the_tail_reads_on_while_its_files_are_adopted(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches(range(LARGE)))
    with lake.generation() as generation:
        [before] = generation.segments("flows")
        writer.compact(NOON)
        sweep(lake, NOON + HOUR)
        assert Path(before.path).exists()
    sweep(lake, NOON + HOUR)
    assert not Path(before.path).exists()
    assert numbers_in(lake) == list(range(LARGE))


def test_an_adoption_that_was_not_committed_is_done_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    writer = LakeWriter(lake, "w")
    writer.append(batches(range(LARGE)))
    with monkeypatch.context() as patch:
        patch.setattr(lake, "commit", fail)
        with pytest.raises(ExceptionGroup):
            writer.compact(NOON)
    assert numbers_in(lake) == list(range(LARGE))
    writer.compact(NOON)
    assert numbers_in(lake) == list(range(LARGE))


def test_a_writer_killed_between_adoption_and_commit_loses_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LakeWriter(lake, "w")
    for number in range(2):
        writer.append(batches(range(LARGE * number, LARGE * (number + 1))))
    with monkeypatch.context() as patch:
        patch.setattr(lake, "commit", lambda *_: None)
        writer.compact(NOON)
    assert len(list((lake.path / "segments").rglob("*.flows.parquet"))) == 2
    del writer
    recover(lake, NOON)
    assert remove_orphans(lake) == 1
    assert flow_segments(lake) == {"12-minute-w-2.flows.parquet": 2 * LARGE}
    sweep(lake, NOON + HOUR)
    assert numbers_in(lake) == list(range(2 * LARGE))


def test_where_files_have_one_name_only_they_are_copied(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    writer = LakeWriter(lake, "w")
    writer.append(batches(range(LARGE)))
    writer.close(NOON)
    sweep(lake, NOON + HOUR)
    assert numbers_in(lake) == list(range(LARGE))
