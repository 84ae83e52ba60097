from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.numbered_flows import NOON, batches, ledger_sum, numbers_in
from tests.store.test_counters_map import KEY, counters_map
from tidegauge._core import Batch, SegmentWriter
from tidegauge.store import compaction
from tidegauge.store.errors import LakeMissingError
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.retention import apply_retention
from tidegauge.store.segment import HOUR, Segment
from tidegauge.store.writer import LakeWriter, new_writer_id

NUMBERED = KEY._replace(observation_domain=0, protocol_version="netflow5")
"""Whom the numbered flows come from."""
EXABYTE = 10**18


def test_a_drain_is_seen_at_once(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    assert writer.append(batches(range(40))) == (40, 0)
    assert numbers_in(lake) == list(range(40))
    assert ledger_sum(lake, "stored") == 40


def test_a_drain_without_rows_leaves_no_file(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    assert writer.append([]) == (0, 0)
    assert [path.name for path in writer.counters_path.parent.iterdir()] == ["lock"]


def test_a_drain_without_a_ledger_is_committed(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append([batch for batch in batches([7]) if batch.table == "flows"])
    assert numbers_in(lake) == [7]


def test_two_writers_do_not_meet(lake: Lake) -> None:
    first, second = LakeWriter(lake, "a"), LakeWriter(lake, "b")
    for writer, numbers in ((first, [1, 3]), (second, [2, 4])):
        for number in numbers:
            writer.append(batches([number]))
        writer.compact(NOON)
    assert numbers_in(lake) == [1, 2, 3, 4]


def test_a_closed_writer_leaves_no_tail(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    writer.close(NOON)
    with lake.generation() as generation:
        assert [segment.level for segment in generation.segments("flows")] == ["minute"]
    assert numbers_in(lake) == [1]


@pytest.mark.parametrize(("received", "settled"), [(1, False), (2, True), (None, True)])
def test_counters_are_settled_where_the_ledger_may_lack_something(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, received: int | None, *, settled: bool
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("tidegauge.store.writer.settle_counters", lambda *_: asked.append(1))
    writer = LakeWriter(lake, "w")
    writer.counters_path.touch()
    writer.append(batches([1]))
    writer.close(NOON, received)
    assert asked == [1] * settled
    assert not writer.counters_path.exists()


def test_counters_are_settled_after_a_drain_without_its_ledger(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("tidegauge.store.writer.settle_counters", lambda *_: asked.append(1))
    writer = LakeWriter(lake, "w")
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_write_ledger", failing)
        assert writer.append(batches([1])) == (0, 1)
    assert ledger_sum(lake, "lost_write") == 0
    assert writer.append(batches([2])) == (1, 0)
    assert (ledger_sum(lake, "lost_write"), ledger_sum(lake, "stored")) == (1, 1), "told as soon as it can be"
    writer.close(NOON, received=2)
    assert asked == [1]


def failing(*_: object, **__: object) -> None:
    raise OSError("the disk is gone")


def test_a_disk_that_takes_nothing_for_long_is_owed_no_more_than_memory_holds(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegauge.store.writer.MAXIMUM_OWED_ROWS", 3)
    writer = LakeWriter(lake, "w")
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_write_ledger", failing)
        for number in range(5):
            writer.append(batches([number], writer_id="w"))
    writer.append(batches([5], writer_id="w"))
    assert ledger_sum(lake, "lost_write") == 3
    # The map tells the rest.
    writer.counters_path.write_bytes(counters_map((NUMBERED, NOON, {"records": 6})))
    writer.close(NOON, received=6)
    assert (ledger_sum(lake, "lost_write"), ledger_sum(lake, "stored")) == (5, 1)


def test_what_is_stored_has_its_names_on_the_disk(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose name a power cut takes away is as lost as its content."""
    synced: list[Path] = []
    monkeypatch.setattr("tidegauge.store.writer.sync", synced.append)
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    assert synced == 2 * [lake.path / "tail" / "w"], "those of the flows before that of the ledger"


def test_what_is_refused_without_a_ledger_is_no_mistake(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    lake.space.reserve_bytes = EXABYTE
    flows = [batch for batch in batches([1]) if batch.table != "ledger"]
    assert writer.append(flows) == (0, 1)


def test_a_lake_that_was_taken_away_is_told(lake: Lake, tmp_path: Path) -> None:
    writer = LakeWriter(lake, "w")
    lake.path.rename(tmp_path / "elsewhere")
    with pytest.raises(LakeMissingError, match=f"the lake at {lake.path} is gone"):
        writer.close(NOON)


def test_a_torn_set_is_put_aside_and_counted_at_the_end(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    for number in (1, 2):
        writer.append(batches([number], writer_id="w"))
    os.truncate(lake.path / "tail" / "w" / "000000000001.flows.parquet", 30)
    writer.compact(NOON)
    writer.counters_path.write_bytes(counters_map((NUMBERED, NOON, {"records": 2})))
    writer.close(NOON, received=2)
    assert numbers_in(lake) == [2]
    assert (ledger_sum(lake, "lost_write"), ledger_sum(lake, "stored")) == (1, 1)


def test_a_full_disk_loses_flows_and_says_so(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    lake.space.reserve_bytes = EXABYTE
    assert writer.append(batches([2, 3])) == (0, 2)
    assert writer.is_refusing
    lake.space.reserve_bytes = 0
    assert writer.append(batches([4])) == (1, 0)
    assert not writer.is_refusing
    assert numbers_in(lake) == [1, 4]
    assert (ledger_sum(lake, "records"), ledger_sum(lake, "stored"), ledger_sum(lake, "lost_write")) == (
        4,
        2,
        2,
    )


class FailingWriter:
    """A segment writer whose disk fills in the middle of a file of flows."""

    def __init__(self, table: str) -> None:
        self._table = table

    def write(self, rows: Sequence[Batch], path: str) -> dict[str, int]:
        if self._table == "flows":
            Path(path).write_bytes(b"PAR1 half")
            raise OSError(28, "No space left on device")
        return SegmentWriter(self._table).write(rows, path)


def test_a_write_that_fails_leaves_no_half_file(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LakeWriter(lake, "w")
    monkeypatch.setattr("tidegauge.store.writer.SegmentWriter", FailingWriter)
    assert writer.append(batches([1])) == (0, 1)
    monkeypatch.undo()
    writer.compact(NOON)
    assert numbers_in(lake) == []
    assert ledger_sum(lake, "lost_write") == 1


def test_a_failing_step_keeps_no_other_from_its_work(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    monkeypatch.setattr("tidegauge.store.writer.recover", fail)
    swept: list[int] = []
    monkeypatch.setattr("tidegauge.store.writer.sweep", lambda _lake, now: swept.append(now))
    with pytest.raises(ExceptionGroup, match="incomplete"):
        writer.compact(NOON)
    assert swept == [NOON]
    assert numbers_in(lake) == [1]


def test_a_lake_keeps_its_size_while_much_is_joined(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LakeWriter(lake, "w")
    for number in range(2):
        writer.append(batches([number], NOON))
        writer.compact(NOON)
    lake.retention = Retention(bytes=0)
    join = compaction.merge

    def join_for_long(*order: Any) -> Segment | None:
        writer.append(batches([2, 3], NOON + HOUR))
        return join(*order)

    monkeypatch.setattr(compaction, "merge", join_for_long)
    monkeypatch.setattr("tidegauge.store.writer.apply_retention", once_others_ran(apply_retention))
    writer.compact(NOON + 2 * HOUR)
    # Both tables were joined, and in each of these turns rows came.
    assert lake.manifest().absorbed == {"w": 4}
    assert numbers_in(lake) == []


def once_others_ran(retention: Callable[..., list[Segment]]) -> Callable[..., list[Segment]]:
    """Retention whose first turn, before anything is joined, removes nothing."""
    turns = itertools.count()
    return lambda *order: retention(*order) if next(turns) else []


def test_an_abandoned_writer_was_never_there(lake: Lake) -> None:
    LakeWriter(lake, "w").abandon()
    assert list((lake.path / "tail").iterdir()) == []


def test_names_do_not_repeat() -> None:
    assert len({new_writer_id("collect") for _ in range(100)}) == 100
