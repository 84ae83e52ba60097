from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.numbered_flows import NOON, batches, ledger_sum, numbers_in
from tidegauge._core import Batch, SegmentWriter
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter, new_writer_id

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
        with pytest.raises(OSError, match="gone"):
            writer.append(batches([1]))
    writer.append(batches([2]))
    writer.close(NOON, received=2)
    assert asked == [1]


def failing(*_: object, **__: object) -> None:
    raise OSError("the disk is gone")


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


def test_an_abandoned_writer_was_never_there(lake: Lake) -> None:
    LakeWriter(lake, "w").abandon()
    assert list((lake.path / "tail").iterdir()) == []


def test_names_do_not_repeat() -> None:
    assert len({new_writer_id("collect") for _ in range(100)}) == 100
