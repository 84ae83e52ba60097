from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.numbered_flows import NOON, batches, levels, numbers_in
from tidegauge.store.compaction import merge_lock
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.segment import HOUR
from tidegauge.store.sweep import GRACE
from tidegauge.store.upkeep import Step, keep_up
from tidegauge.store.writer import LakeWriter

MINUTE = 60 * 10**9


def fill(lake: Lake, arrivals: Iterable[int]) -> list[int]:
    numbers = []
    for number, at in enumerate(arrivals):
        writer = LakeWriter(lake, f"w{number}")
        writer.append(batches([number], at))
        writer.close(at)
        numbers.append(number)
    return numbers


def kept_up(lake: Lake, now: int, *, present: bool = False) -> list[Step]:
    return list(keep_up(lake, now, present=present, wait=lambda _: None))


def test_all_that_is_over_is_joined(lake: Lake) -> None:
    numbers = fill(lake, (NOON + number * 20 * MINUTE for number in range(6)))
    hours = [step for step in kept_up(lake, NOON + 3 * HOUR) if step.what == "merged"]
    assert levels(lake) == ["hour"] * 2
    days = [step for step in kept_up(lake, NOON + 36 * HOUR) if step.what == "merged"]
    assert levels(lake) == ["day"]
    assert numbers_in(lake) == numbers
    merged = [step for step in (*hours, *days) if step.table == "flows"]
    assert [(step.level, step.files, step.rows) for step in merged] == [
        ("hour", 3, 3),
        ("hour", 3, 3),
        ("day", 2, 6),
    ]
    assert all(step.bytes > 0 and step.bytes_after > 0 for step in merged)


def test_what_goes_on_is_joined_only_if_wanted(lake: Lake) -> None:
    numbers = fill(lake, [NOON, NOON + MINUTE])
    assert kept_up(lake, NOON + 2 * MINUTE) == []
    kept_up(lake, NOON + 2 * MINUTE, present=True)
    assert levels(lake) == ["hour"]
    assert numbers_in(lake) == numbers
    assert kept_up(lake, NOON + 2 * MINUTE, present=True) == []


def test_killed_writers_are_taken_over_and_what_is_free_is_deleted(lake: Lake) -> None:
    writer = LakeWriter(lake, "killed")
    writer.append(batches([7]))
    del writer
    stray = lake.path / "segments/2026/01/01/12-hour-merged-9.flows.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half a file")
    kept_up(lake, NOON)
    assert not stray.exists()
    assert numbers_in(lake) == [7]
    assert kept_up(lake, NOON + GRACE) == [Step("deleted", files=2)]
    kept_up(lake, NOON + GRACE)
    assert list((lake.path / "tail").iterdir()) == []


def test_what_is_too_old_goes_before_anything_is_joined(lake: Lake) -> None:
    fill(lake, [NOON, NOON + MINUTE])
    lake.retention = Retention(flows=HOUR)
    first, *others = kept_up(lake, NOON + 36 * HOUR)
    assert (first.what, first.rows) == ("removed", 2)
    assert {step.table for step in others if step.what == "merged"} == {"ledger"}


def test_a_collector_that_merges_is_waited_for(lake: Lake) -> None:
    fill(lake, [NOON, NOON + MINUTE])
    lock = merge_lock(lake)
    assert lock is not None
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        lock.release()

    steps = list(keep_up(lake, NOON + 36 * HOUR, present=False, wait=wait))
    assert len(waited) == 1
    assert [step.what for step in steps if step.files == 2] == ["merged"] * 2


def test_a_damaged_file_keeps_no_other_from_being_joined(lake: Lake) -> None:
    numbers = fill(lake, (NOON + number * MINUTE for number in range(4)))
    segments = [segment for segment in lake.manifest().segments if segment.table == "flows"]
    (lake.path / segments[0].path).write_bytes(b"short")
    damage_end(lake.path / segments[1].path)
    first = kept_up(lake, NOON + 36 * HOUR)
    assert "cannot be joined" in next(step.note for step in first if step.what == "failed")
    kept_up(lake, NOON + 36 * HOUR)
    assert sorted(levels(lake)) == ["day", "minute", "minute"]
    with lake.generation() as generation:
        assert [fault.segment.rows for fault in generation.faults("flows")] == [1, 1]
    assert numbers_in(lake) == numbers[2:]


def damage_end(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-6] + b"\xff\xff" + content[-4:])
