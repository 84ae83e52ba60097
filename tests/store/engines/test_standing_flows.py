from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import pytest

from tests.numbered_flows import NOON, SECOND, batches, numbers_of
from tidegauge.store.compaction import merge_levels
from tidegauge.store.engines import duckdb, standing_flows
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import Stock
from tidegauge.store.generation import Generation
from tidegauge.store.lake import Lake
from tidegauge.store.load import Load
from tidegauge.store.segment import HOUR
from tidegauge.store.writer import LakeWriter

MINUTE = 60 * SECOND


@dataclass
class Shift:
    """Adds to the bytes of flows, by the hour of their arrival; one asks about those ``since``."""

    by_hour: dict[int, int] = field(default_factory=dict)
    since: int = 0
    prepared: int = 0

    @property
    def sql(self) -> str:
        cases = "".join(f" WHEN {hour} THEN {shift}" for hour, shift in self.by_hour.items())
        shift = f"CASE epoch_ns(received) // {HOUR} {cases} ELSE 0 END"
        return f"SELECT reported.* REPLACE (bytes + {shift} AS bytes) FROM reported" if cases else ""

    def reasons(self, first: int, last: int) -> frozenset[Hashable]:
        return frozenset(item for item in self.by_hour.items() if first // HOUR <= item[0] <= last // HOUR)

    def agrees(self, reasons: frozenset[Hashable], first: int, last: int) -> bool:
        others = reasons ^ self.reasons(first, last)
        return all(isinstance(each, tuple) and (each[0] + 1) * HOUR <= self.since for each in others)

    def prepare(self) -> None:
        self.prepared += 1


def seen(generation: Generation, stock: Stock | None, change: Shift | None = None) -> list[int]:
    """The numbers of all flows as a question sees them."""
    with Engine(generation, stock=stock) as engine:
        engine.change_flows(change or Shift())
        return [number for (number,) in engine.rows("SELECT bytes FROM flows ORDER BY bytes")]


def parts_of(stock: Stock) -> list[str]:
    return [kept.table for kept in stock.kept if kept.name.startswith("standing flows")]


def load(lake: Lake, numbers: list[int], *arrivals: int) -> None:
    """One segment with these flows at each of some arrivals."""
    with Load(lake, f"load-{numbers[0]}") as loading:
        for at in arrivals:
            loading.append(batches(numbers, at))
        loading.commit(arrivals[-1])


def test_flows_stand_as_they_are_while_a_lake_grows_and_is_compacted(lake: Lake) -> None:
    writer, stock = LakeWriter(lake, "w"), Stock()
    for number in range(1, 13):
        at = NOON + number * 25 * SECOND
        writer.append(batches([number], at))
        if number % 4 == 0:
            writer.compact(at)
            merge_levels(lake, at, 2**40)
        with lake.generation() as generation:
            assert seen(generation, stock) == numbers_of(generation) == list(range(1, number + 1))
    merge_levels(lake, NOON + 3 * HOUR, 2**40)
    with lake.generation() as generation:
        assert seen(generation, stock) == list(range(1, 13))
    assert all(not kept.users for kept in stock.kept)


def test_what_stands_is_read_once_and_what_is_new_is_added(lake: Lake) -> None:
    stock = Stock()
    for number in range(1, 4):
        load(lake, [number], NOON + number * MINUTE)
    with lake.generation() as generation:
        seen(generation, stock)
        before = parts_of(stock)
        assert len(before) == 1
        seen(generation, stock)
        assert parts_of(stock) == before
        [path, *_] = [segment.path for segment in generation.segments("flows")]
    load(lake, [4], NOON + 4 * MINUTE)
    with lake.generation() as generation:
        assert seen(generation, stock) == [1, 2, 3, 4]
        assert len(parts_of(stock)) == 2
        assert path in {segment.path for segment in generation.segments("flows")}


def test_what_no_statement_reads_does_not_stand(lake: Lake) -> None:
    stock = Stock()
    load(lake, [1], NOON)
    with lake.generation() as generation, Engine(generation, stock=stock) as engine:
        [(before,)] = engine.rows("SELECT sum(bytes) FROM flows")
        engine.change_flows(Shift({NOON // HOUR: 10}))
        engine.rows("SELECT count(*) FROM ledger")
        assert parts_of(stock) == []
        assert engine.rows("SELECT sum(bytes) FROM flows") == [(before + 10,)]
        [stand] = engine.stands
        assert parts_of(stock) == [stand.table]


def test_who_holds_an_older_generation_does_not_see_what_came_later(lake: Lake) -> None:
    stock = Stock()
    load(lake, [1], NOON)
    with lake.generation() as older:
        load(lake, [2], NOON + MINUTE)
        with lake.generation() as newer:
            assert seen(newer, stock) == [1, 2]
        assert seen(older, stock) == [1]


def test_only_what_is_changed_otherwise_is_made_again(lake: Lake) -> None:
    stock, hour = Stock(), NOON // HOUR
    load(lake, [1], NOON)
    load(lake, [2], NOON + HOUR)
    load(lake, [3], NOON + 25 * HOUR)
    with lake.generation() as generation:
        assert seen(generation, stock) == [1, 2, 3]
        once = parts_of(stock)
        changes = Shift({hour + 25: 100})
        assert seen(generation, stock, changes) == [1, 2, 103]
        assert changes.prepared == 1
        assert len(parts_of(stock)) == len(once) + 1
        assert seen(generation, stock, Shift({hour: 10, hour + 1: 20})) == [3, 11, 22]
        assert seen(generation, stock, changes) == [1, 2, 103]
        assert changes.prepared == 1


def test_what_is_known_of_earlier_flows_need_not_be_the_same(lake: Lake) -> None:
    stock, hour = Stock(), NOON // HOUR
    load(lake, [1], NOON)
    load(lake, [2], NOON + HOUR)
    with lake.generation() as generation:
        narrow = Shift({hour + 1: 10}, since=(hour + 1) * HOUR)
        assert seen(generation, stock, narrow) == [1, 12]
        load(lake, [3], NOON + 2 * HOUR)
        with lake.generation() as later:
            assert seen(later, stock, Shift({hour + 1: 10}, since=(hour + 1) * HOUR)) == [1, 3, 12]
            assert seen(later, stock, Shift({hour: 500, hour + 1: 10})) == [3, 12, 501]


def test_a_long_file_stands_in_two_so_that_its_last_hours_can_change(lake: Lake) -> None:
    stock, hour = Stock(), NOON // HOUR
    load(lake, [1], NOON, NOON + 10 * HOUR)
    with lake.generation() as generation:
        seen(generation, stock, Shift({hour: 10, hour + 10: 20}))
        parts = parts_of(stock)
        assert len(parts) == 2
        assert seen(generation, stock, Shift({hour: 10, hour + 10: 30})) == [11, 31]
        assert len(parts_of(stock)) == 3


def test_a_column_that_no_flow_has_is_not_kept_and_still_there(lake: Lake) -> None:
    stock = Stock()
    load(lake, [1], NOON)
    with (
        lake.generation() as generation,
        Engine(generation) as raw,
        Engine(generation, stock=stock) as engine,
    ):
        engine.change_flows(Shift())
        assert engine.rows("DESCRIBE flows") == raw.rows("DESCRIBE flows")
        assert engine.rows("SELECT hash(flows) FROM flows") == raw.rows("SELECT hash(flows) FROM flows")
        [table] = parts_of(stock)
        assert 0 < len(engine.rows(f"DESCRIBE {table}")) < len(raw.rows("DESCRIBE flows"))


def test_of_many_flows_each_question_reads_what_it_needs(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb, "MOST_STANDING", 1)
    stock, hour = Stock(), NOON // HOUR
    load(lake, [1, 2], NOON)
    with lake.generation() as generation:
        change = Shift({hour: 10})
        assert seen(generation, stock, change) == [11, 12]
        assert change.prepared == 1
        assert parts_of(stock) == []


def test_a_part_that_cannot_be_made_leaves_nothing_borrowed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = Stock()
    load(lake, [1], NOON)
    load(lake, [2], NOON + 25 * HOUR)
    with lake.generation() as generation:
        seen(generation, stock)
        load(lake, [3], NOON + 50 * HOUR)
    monkeypatch.setattr(standing_flows, "REPORTED", None)
    with lake.generation() as generation, pytest.raises(AttributeError):
        seen(generation, stock, Shift({NOON // HOUR + 50: 1}))
    assert all(not kept.users for kept in stock.kept)
