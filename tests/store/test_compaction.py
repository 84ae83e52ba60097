from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

import duckdb
import msgspec
import pytest

from tests.numbered_flows import NOON, SECOND, batches, ledger_sum, levels, numbers_in
from tidegauge.store import compaction
from tidegauge.store.compaction import FAN_IN, SLACK, Level, level_for, merge_levels, merge_lock
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest
from tidegauge.store.segment import HOUR, Segment
from tidegauge.store.writer import LakeWriter

MINUTE = 60 * SECOND
MIDNIGHT = NOON - 12 * HOUR
BUDGET = 1 << 30


def fill(lake: Lake, arrivals: Iterable[int]) -> list[int]:
    """One minute segment with one flow for each arrival; returns the flows' numbers."""
    writer = LakeWriter(lake, f"w{lake.manifest().generation}")
    numbers = []
    for number, at in enumerate(arrivals):
        writer.append(batches([number], at))
        writer.compact(at)
        numbers.append(number)
    writer.close(NOON)
    return numbers


def compressions(lake: Lake, segment: Segment) -> set[str]:
    """How the columns of a file are compressed; empty ones never are."""
    asked = duckdb.execute(f"SELECT DISTINCT compression FROM parquet_metadata('{lake.path / segment.path}')")
    return {name for (name,) in asked.fetchall()}


@pytest.mark.parametrize(
    ("duration", "level"), [(0, "minute"), (HOUR, "minute"), (HOUR + 1, "hour"), (25 * HOUR, "day")]
)
def test_level_by_duration(duration: int, level: str) -> None:
    assert level_for(duration).name == level


def test_an_hour_that_is_over_becomes_one_segment(lake: Lake) -> None:
    numbers = fill(lake, (NOON + minute * MINUTE for minute in range(60)))
    assert merge_levels(lake, NOON + HOUR + SLACK - 1, BUDGET) == 0
    assert merge_levels(lake, NOON + HOUR + SLACK, BUDGET) == 120
    assert levels(lake, "flows") == levels(lake, "ledger") == ["hour"]
    assert numbers_in(lake) == numbers
    assert ledger_sum(lake, "stored") == 60


def test_a_day_that_is_over_becomes_one_segment(lake: Lake) -> None:
    numbers = fill(lake, (MIDNIGHT + hour * HOUR + n * MINUTE for hour in range(3) for n in range(2)))
    merge_levels(lake, MIDNIGHT + 24 * HOUR, BUDGET)
    assert levels(lake) == ["hour"] * 3
    merge_levels(lake, MIDNIGHT + 24 * HOUR + SLACK, BUDGET)
    assert levels(lake) == ["day"]
    assert numbers_in(lake) == numbers


def test_flows_of_a_day_that_is_over_are_written_densely_once(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches(range(5000), NOON))
    writer.compact(NOON)
    writer.close(NOON)
    merge_levels(lake, MIDNIGHT + 24 * HOUR + SLACK - 1, BUDGET)
    assert levels(lake) == ["minute"]
    merge_levels(lake, MIDNIGHT + 24 * HOUR + SLACK, BUDGET)
    (dense,) = (each for each in lake.manifest().segments if each.table == "flows")
    assert (dense.level, dense.rows) == ("day", 5000)
    assert compressions(lake, dense) == {"ZSTD", "UNCOMPRESSED"}
    assert numbers_in(lake) == list(range(5000))
    merge_levels(lake, MIDNIGHT + 96 * HOUR, BUDGET)
    assert dense in lake.manifest().segments


def test_merging_again_changes_nothing(lake: Lake) -> None:
    fill(lake, (NOON + minute * MINUTE for minute in range(3)))
    merge_levels(lake, NOON + 48 * HOUR, BUDGET)
    settled = lake.manifest()
    assert merge_levels(lake, NOON + 96 * HOUR, BUDGET) == 0
    assert lake.manifest() == settled


def test_the_budget_bounds_one_round(lake: Lake) -> None:
    fill(lake, (NOON + minute * MINUTE for minute in range(3)))
    assert merge_levels(lake, NOON + 48 * HOUR, budget_bytes=1000) == 0
    assert levels(lake) == ["minute"] * 3


def test_what_was_removed_meanwhile_is_not_joined(lake: Lake) -> None:
    fill(lake, (NOON + hour * HOUR + minute * MINUTE for hour in range(2) for minute in range(2)))

    def remove_second_hour() -> None:
        def change(newest: Manifest) -> Manifest:
            kept = tuple(each for each in newest.segments if each.filed == NOON)
            return msgspec.structs.replace(newest, segments=kept)

        for each in lake.manifest().segments:
            if each.filed != NOON:
                (lake.path / each.path).unlink()
        lake.commit(change, NOON)

    # Of two hours two tables each: what is left is one hour's flows and ledger, of two minutes.
    assert merge_levels(lake, NOON + 3 * HOUR, BUDGET, remove_second_hour) == 4
    assert levels(lake) == ["hour"]
    assert numbers_in(lake) == [0, 1]


def test_no_merge_without_room(lake: Lake) -> None:
    fill(lake, (NOON + minute * MINUTE for minute in range(3)))
    lake.space.reserve_bytes = 10**18
    assert merge_levels(lake, NOON + 48 * HOUR, BUDGET) == 0


def test_one_process_merges_at_a_time(lake: Lake) -> None:
    fill(lake, (NOON + minute * MINUTE for minute in range(3)))
    lock = merge_lock(lake)
    assert lock is not None
    assert merge_levels(lake, NOON + 48 * HOUR, BUDGET) == 0
    lock.release()
    assert merge_levels(lake, NOON + 48 * HOUR, BUDGET) > 0


def segment(number: int, size: int, level: str = "minute") -> Segment:
    return Segment(table="flows", path=f"{number:04d}", rows=1, bytes=size, level=level, filed=NOON)


def due(*segments: Segment, level: Level = compaction.LEVELS[1]) -> list[list[str]]:
    groups = compaction._due(segments, level, NOON + level.span + 2 * HOUR)
    return [[each.path for each in group] for group in groups]


def test_a_large_file_is_not_rewritten_for_crumbs() -> None:
    large = segment(0, 1_000_000, "hour")
    crumbs = [segment(number, 10) for number in range(1, FAN_IN)]
    assert due(large, *crumbs[:-1]) == []
    assert due(large, *crumbs) == [[f"{number:04d}" for number in range(FAN_IN)]]


def test_a_merge_stays_below_its_maximum() -> None:
    third = compaction.LEVELS[1].maximum_bytes // 3
    assert due(*(segment(number, third) for number in range(5))) == [
        ["0000", "0001", "0002"],
        ["0003", "0004"],
    ]


def test_large_files_are_left_alone() -> None:
    more_than_half = compaction.LEVELS[1].maximum_bytes // 2 + 1
    assert due(*(segment(number, more_than_half) for number in range(4))) == []


def test_files_of_a_day_are_written_densely_however_large_and_then_left_alone() -> None:
    large = compaction.DAY.maximum_bytes
    assert due(segment(0, large, "hour"), segment(1, 10), level=compaction.DAY) == [["0000"], ["0001"]]
    assert due(segment(0, large, "day"), segment(1, 10, "day"), level=compaction.DAY) == []
    late = (segment(number, 10) for number in range(1, 4))
    assert due(segment(0, 1_000_000, "day"), *late, level=compaction.DAY) == []


def test_a_merge_that_lost_its_sources_is_dropped(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody retires a source between the reading of the manifest and the commit."""
    fill(lake, (NOON + minute * MINUTE for minute in range(2)))
    join = compaction.join_files

    def retire_meanwhile(table: str, sources: list[object], path: object, **how: bool) -> dict[str, int]:
        def change(newest: Manifest) -> Manifest:
            return msgspec.structs.replace(newest, segments=newest.segments[1:])

        written = join(table, sources, path, **how)  # type: ignore[arg-type]
        lake.commit(change, NOON)
        return written

    monkeypatch.setattr(compaction, "join_files", retire_meanwhile)
    before = {path.name for path in (lake.path / "segments").rglob("*.parquet")}
    assert merge_levels(lake, NOON + 2 * HOUR, BUDGET) == 0
    assert {path.name for path in (lake.path / "segments").rglob("*.parquet")} == before


def test_what_rotted_is_not_joined_with_a_checksum_of_its_own(lake: Lake) -> None:
    fill(lake, (NOON + minute * MINUTE for minute in range(3)))
    rotten = next(each for each in lake.manifest().segments if each.table == "flows")
    path = lake.path / rotten.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(LakeUnreadableError, match=f"{path.name}.*tidegauge lake verify"):
        merge_levels(lake, NOON + 48 * HOUR, BUDGET)
    assert set(lake.faults) == {str(path)}
    merge_levels(lake, NOON + 48 * HOUR, BUDGET)
    assert rotten in lake.manifest().segments
    assert len(levels(lake)) == 2, "the others are joined without it"


def test_each_segment_has_its_checksum(lake: Lake) -> None:
    fill(lake, (NOON + minute * MINUTE for minute in range(2)))
    merge_levels(lake, NOON + 48 * HOUR, BUDGET)
    told = {each.path: each.checksum for each in lake.manifest().segments}
    assert told == {path: crc32((lake.path / path).read_bytes()) for path in told}


def test_a_merge_that_is_interrupted_once_it_is_shown_stays(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = fill(lake, (NOON + minute * MINUTE for minute in range(2)))
    commit = Lake.commit

    def interrupted(*arguments: Any) -> None:
        commit(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Lake, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        merge_levels(lake, NOON + 48 * HOUR, BUDGET)
    assert "hour" in levels(lake) + levels(lake, "ledger")
    assert (numbers_in(lake), ledger_sum(lake, "stored")) == (numbers, 2)


def test_a_full_disk_is_no_damage_of_what_was_to_be_joined(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(lake, (NOON + minute * MINUTE for minute in range(2)))
    join = compaction.join_files
    monkeypatch.setattr(
        compaction, "join_files", lambda table, sources, *_, **__: join(table, sources, Path("/dev/full"))
    )
    with pytest.raises(OSError, match="No space left on device") as told:
        merge_levels(lake, NOON + 48 * HOUR, BUDGET)
    assert (told.value.errno, lake.faults) == (errno.ENOSPC, {})
