from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.sample_lake import SECOND, make_lake
from tidegauge.store import rollup
from tidegauge.store.engines.rollups import rolled_sql
from tidegauge.store.segment import HOUR, Rollup

TEN = 1_767_261_600 * SECOND  # 2026-01-01T10:00:00Z


@pytest.fixture
def rolled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rollup:
    """Of three flows: one within an hour, one over two of them, and one that ends just at eleven."""
    monkeypatch.setattr(rollup, "LEAST_ROWS", 1)
    lives = [
        (TEN + 1, TEN + 2, 7),
        (TEN + HOUR // 2, TEN + HOUR + HOUR // 2, 101),
        (TEN + 9, TEN + HOUR, 1000),
    ]
    port = {"src_port": 443, "packets": 1}
    flows = [
        port | {"received": end, "start": start, "end": end, "bytes": count} for start, end, count in lives
    ]
    lake = make_lake(tmp_path / "lake", flows)
    assert rollup.roll_up(lake, TEN + 48 * HOUR, 1 << 30) == 1
    with lake.generation() as generation:
        [segment] = generation.segments("flows")
    assert segment.rollup
    return segment.rollup


def rows(rolled: Rollup, table: str, since: int | None, until: int | None) -> list[tuple[object, ...]]:
    point = ("exporter", "observation_domain")
    columns = {"minutes": point, "exporter": point, "received": ()}.get(table, (table,))
    with duckdb.connect() as connection:
        return connection.execute(rolled_sql(table, [rolled], since, until, columns)).fetchall()


def test_a_flow_counts_in_each_range_it_overlaps_and_its_bytes_once(rolled: Rollup) -> None:
    assert rows(rolled, "src_port", None, None) == [(443, 1108, 3, 3, 0)]
    assert rows(rolled, "src_port", None, TEN + HOUR) == [(443, 1057, 2, 3, 0)]
    # The one that ended at eleven overlaps, with none of its bytes.
    assert rows(rolled, "src_port", TEN + HOUR, None) == [(443, 51, 1, 2, 0)]


def test_minutes_are_those_in_which_flows_lived(rolled: Rollup) -> None:
    found = rows(rolled, "minutes", None, None)
    assert sum(int(str(row[3])) for row in found) == 1108
    assert sum(int(str(row[5])) for row in found) == 3
    # From ten o'clock the second flow on, for an hour and its last moment, in which it had nothing left.
    assert {row[2] for row in found} == {TEN + minute * 60 * SECOND for minute in range(90)}


def test_the_minute_of_arrival_is_told(rolled: Rollup) -> None:
    assert {row[0] for row in rows(rolled, "received", TEN + HOUR, None)} == {
        (TEN + HOUR) // (60 * SECOND),
        (TEN + HOUR + HOUR // 2) // (60 * SECOND),
    }
