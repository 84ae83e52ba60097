from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.sample_lake import NOON, Row, add_segment, make_lake
from tidegauge.store.engines import duckdb
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.statistics import Statistics, parts_sql, statistics_of
from tidegauge.store.engines.stock import Stock

PLAIN: Row = {"start": NOON + 1, "end": NOON + 9, "bytes": 5, "packets": 1}


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb, "LEAST_ROWS", 0)


def told(path: Path, *segments: Sequence[Row]) -> Statistics:
    """What the footers tell; a table of the same flows has to tell the same."""
    lake = make_lake(path)
    for rows in segments:
        add_segment(lake, "flows", rows)
    with lake.generation() as generation, Engine(generation) as engine:
        found = engine.statistics()
        assert found is not None
        engine.rows("CREATE TEMP TABLE copy AS FROM flows")
        [(_, *of_table)] = engine.rows(parts_sql([], ["copy"]))
        assert statistics_of([tuple(of_table)]) == found
        return found


def test_times_and_sums_are_told(tmp_path: Path) -> None:
    odd = {**PLAIN, "start": NOON + 100, "end": NOON + 50}
    found = told(tmp_path / "lake", [PLAIN, odd])
    assert (found.first, found.last) == (NOON + 1, NOON + 100)
    assert found.longest is not None
    assert found.longest >= 50
    assert not found.has_reverse
    assert found.small == {"bytes", "packets"}


def test_a_flow_without_a_time_leaves_the_times_open(tmp_path: Path) -> None:
    found = told(tmp_path / "lake", [PLAIN, {"received": NOON, "end": NOON}])
    assert (found.first, found.last, found.longest) == (None, None, None)


def test_directions_are_told(tmp_path: Path) -> None:
    assert told(tmp_path / "none", [PLAIN]).directions == (None, None)
    assert told(tmp_path / "one", [{**PLAIN, "direction": 1}], [PLAIN]).directions == (1, 1)
    both = [{**PLAIN, "direction": 0}, PLAIN, {**PLAIN, "direction": 1}]
    assert told(tmp_path / "both", both).directions == (0, 1)


@pytest.mark.parametrize("counter", ["reverse_bytes", "reverse_packets"])
def test_one_record_of_both_directions_is_told(tmp_path: Path, counter: str) -> None:
    assert told(tmp_path / "lake", [PLAIN, {**PLAIN, counter: 1}]).has_reverse


def test_counters_that_may_come_to_too_much_are_not_small(tmp_path: Path) -> None:
    large = {**PLAIN, "bytes": 2**62}
    assert told(tmp_path / "one", [large]).small == {"bytes", "packets"}
    assert told(tmp_path / "two", [large, PLAIN]).small == {"packets"}
    assert told(tmp_path / "null", [{"start": NOON, "end": NOON}]).small == {"bytes", "packets"}


def test_files_and_blocks_are_told_together(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [PLAIN])
    with lake.generation() as generation, Engine(generation) as engine:
        later = f'make_timestamp_ns({NOON + 77}) AS "end"'
        engine.rows(f"CREATE TEMP TABLE block AS SELECT * REPLACE ({later}) FROM flows")
        paths = [segment.path for segment in generation.segments("flows")]
        parts = [tuple(part) for _, *part in engine.rows(parts_sql(paths, ["block"]))]
        assert statistics_of(parts).last == NOON + 77


def test_a_lake_without_flows_tells_nothing(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    with lake.generation() as generation, Engine(generation) as engine:
        assert engine.statistics() is None


def test_questions_that_share_a_stock_read_each_footer_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb, "LEAST_ROWS", 1_000_000)
    asked: list[int] = []

    def counted(paths: Sequence[str], tables: Sequence[str]) -> str:
        asked.append(len(paths) + len(tables))
        return parts_sql(paths, tables)

    monkeypatch.setattr(duckdb, "parts_sql", counted)
    lake, shared = make_lake(tmp_path / "lake", [PLAIN]), Stock()

    def last() -> int | None:
        with lake.generation() as generation, Engine(generation, stock=shared) as engine:
            found = engine.statistics()
        assert found is not None
        return found.last

    assert last() == last() == NOON + 9
    add_segment(lake, "flows", [{**PLAIN, "end": NOON + 77}])
    assert last() == last() == NOON + 77
    assert asked == [1, 1]
