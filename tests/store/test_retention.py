from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from tests.numbered_flows import NOON, SECOND, batches, ledger_sum, numbers_in, numbers_of
from tidegauge.store.lake import ANSWERS, Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.recovery import strays
from tidegauge.store.retention import apply_retention, expired, forgotten, next_removal
from tidegauge.store.rollup import roll_up
from tidegauge.store.segment import HOUR, Rollup, Segment
from tidegauge.store.sweep import GRACE, sweep
from tidegauge.store.verification import verify_segments
from tidegauge.store.writer import LakeWriter

DAY = 24 * HOUR


def fill(lake: Lake, arrivals: Iterable[int]) -> None:
    """A segment of flows and one of the ledger for each arrival, the flows numbered from 0."""
    for number, at in enumerate(arrivals):
        writer = LakeWriter(lake, f"w{number}")
        writer.append(batches([number], at))
        writer.close(at)


def segment(table: str = "flows", size: int = 10, last: int | None = NOON, level: str = "hour") -> Segment:
    path = f"{table}-{size}-{last}"
    return Segment(table=table, path=path, bytes=size, level=level, filed=NOON, received_max=last)


def test_flows_go_by_age_and_the_ledger_stays(lake: Lake) -> None:
    fill(lake, [NOON, NOON + DAY])
    lake.retention = Retention(flows=DAY)
    assert apply_retention(lake, NOON + DAY) == []
    gone = apply_retention(lake, NOON + DAY + 1)
    assert {each.table for each in gone} >= {"flows"}
    assert numbers_in(lake) == [1]
    assert ledger_sum(lake, "stored") == 2
    removed = lake.manifest().removed["flows"]
    assert (removed.rows, removed.before) == (1, NOON + 1)
    apply_retention(lake, NOON + 3 * DAY)
    assert lake.manifest().removed["flows"].rows == 2


def test_what_pages_were_told_goes_with_what_it_was_made_of(lake: Lake) -> None:
    fill(lake, [NOON])
    told = lake.path / ANSWERS
    told.write_bytes(b"all that they did")
    lake.retention = Retention(flows=DAY)
    apply_retention(lake, NOON + DAY)
    assert told.exists()
    apply_retention(lake, NOON + DAY + 1)
    assert not told.exists()


def test_a_segment_waits_for_its_youngest_row(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    for number, at in enumerate((NOON, NOON + HOUR)):
        writer.append(batches([number], at))
    writer.close(NOON)
    lake.retention = Retention(flows=DAY)
    apply_retention(lake, NOON + HOUR + DAY)
    assert numbers_in(lake) == [0, 1]
    apply_retention(lake, NOON + HOUR + DAY + 1)
    assert numbers_in(lake) == []


def test_the_ledger_has_an_age_of_its_own(lake: Lake) -> None:
    fill(lake, [NOON, NOON + DAY])
    lake.retention = Retention(ledger=DAY)
    apply_retention(lake, NOON + DAY + HOUR)
    assert (numbers_in(lake), ledger_sum(lake, "stored")) == ([0, 1], 1)


def test_readers_keep_what_they_have(lake: Lake) -> None:
    fill(lake, [NOON, NOON + DAY])
    with lake.generation() as generation:
        lake.retention = Retention(flows=HOUR)
        apply_retention(lake, NOON + 2 * DAY)
        sweep(lake, NOON + 2 * DAY + GRACE)
        assert numbers_of(generation) == [0, 1]
    files = {path.name for path in (lake.path / "segments").rglob("*.flows.parquet")}
    sweep(lake, NOON + 2 * DAY + GRACE)
    assert len(files) == 2
    assert not list((lake.path / "segments").rglob("*.flows.parquet"))


def test_the_lake_remembers_what_it_was_told(lake: Lake) -> None:
    fill(lake, [NOON])
    lake.retention = Retention(flows=DAY, bytes=10**12)
    apply_retention(lake, NOON)
    again = Lake.open(lake.path)
    assert again.manifest().retention == lake.retention
    apply_retention(again, NOON + 2 * DAY)
    assert numbers_in(again) == []
    lake.retention = Retention()
    apply_retention(lake, NOON + 2 * DAY)
    assert again.manifest().retention == Retention()


def test_nothing_to_do_makes_no_generation(lake: Lake) -> None:
    fill(lake, [NOON])
    before = lake.manifest()
    assert apply_retention(lake, NOON + 1000 * DAY) == []
    assert lake.manifest() == before


def test_the_upkeep_of_a_collector_applies_it(lake: Lake) -> None:
    fill(lake, [NOON])
    lake.retention = Retention(flows=DAY)
    LakeWriter(lake, "living").compact(NOON + 2 * DAY)
    assert numbers_in(lake) == []


def test_the_oldest_flows_go_until_the_lake_is_small_enough() -> None:
    segments = [segment(size=10 + number, last=NOON + number) for number in range(4)]
    ledger = segment("ledger", size=100, last=NOON - 1)
    gone = expired([ledger, *reversed(segments)], Retention(bytes=100 + 12 + 13), NOON)
    assert gone == segments[:2]
    assert expired([ledger, *segments], Retention(bytes=0), NOON) == segments


def test_what_goes_by_age_makes_room() -> None:
    old, young = segment(last=NOON - DAY - 1), segment(size=11)
    assert expired([young, old], Retention(flows=DAY, bytes=11), NOON) == [old]


@pytest.mark.parametrize(
    ("level", "end"), [("minute", NOON + 60 * SECOND), ("hour", NOON + HOUR), ("day", NOON + 12 * HOUR)]
)
def test_where_nobody_looked_the_period_has_to_be_over(level: str, end: int) -> None:
    options = segment("options", last=None, level=level)
    assert expired([options], Retention(ledger=DAY), end + DAY) == []
    assert expired([options], Retention(ledger=DAY), end + DAY + 1) == [options]


def test_what_goes_next() -> None:
    first, second = segment(last=NOON), segment(last=NOON + HOUR)
    found = next_removal([second, first], Retention(flows=DAY))
    assert found == (NOON + DAY + 1, [first])
    assert next_removal([first], Retention(bytes=1)) is None


def sums(size: int, last: int) -> Segment:
    """A segment whose rollup has a size."""
    rollup = Rollup(path=f"{last}.rollups.parquet", bytes=size)
    return msgspec.structs.replace(segment(size=100, last=last), rollup=rollup)


def test_sums_outlive_their_flows(lake: Lake) -> None:
    fill(lake, [NOON])
    assert roll_up(lake, NOON + 2 * DAY, budget_bytes=1 << 30) == 1
    lake.retention = Retention(flows=DAY, rollups=30 * DAY)
    apply_retention(lake, NOON + 2 * DAY)
    sweep(lake, NOON + 2 * DAY + GRACE)
    assert numbers_in(lake) == []
    with lake.generation() as generation:
        [past] = generation.history()
        assert generation.history(NOON + DAY) == []
    assert past.rollup
    assert Path(past.rollup.path).exists()
    assert not Path(past.path).exists()
    assert strays(lake) == []
    assert apply_retention(lake, NOON + 30 * DAY) == []
    assert len(lake.manifest().history) == 1
    apply_retention(lake, NOON + 30 * DAY + 1)
    sweep(lake, NOON + 31 * DAY + GRACE)
    assert lake.manifest().history == ()
    assert not Path(past.rollup.path).exists()


def test_damaged_history_is_told_and_left_out(lake: Lake) -> None:
    fill(lake, [NOON])
    roll_up(lake, NOON + 2 * DAY, budget_bytes=1 << 30)
    lake.retention = Retention(flows=DAY)
    apply_retention(lake, NOON + 2 * DAY)
    with lake.generation() as generation:
        [past] = generation.history()
        [examined] = [each for each in generation.all_segments() if each.table == "rollups"]
        assert past.rollup
        assert examined.path == past.rollup.path
        generation.leave_out({past.rollup.path: "is torn"})
        assert generation.history() == []
    Path(past.rollup.path).write_bytes(b"short")
    with lake.generation() as generation:
        assert generation.history() == []
        [problem] = [found for _, found in verify_segments(lake, generation, quick=True) if found]
    assert "put it back from a copy" in problem.remedy


def test_history_is_a_small_part_of_a_lake_that_may_not_grow() -> None:
    young, old = sums(60, NOON), sums(50, NOON - DAY)
    assert forgotten([young, old], Retention(bytes=1100), NOON) == []
    assert forgotten([young, old], Retention(bytes=1090), NOON) == [old]
    assert expired([young], Retention(bytes=210), NOON, [old]) == []
    assert expired([young], Retention(bytes=209), NOON, [old]) == [young]
