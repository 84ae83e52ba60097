from __future__ import annotations

from pathlib import Path

from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.analysis.overview import overview
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def flow(start: int, received: int, size: int) -> Row:
    instants = {
        "start": NOON + start * SECOND,
        "end": NOON + (start + 5) * SECOND,
        "received": NOON + received * SECOND,
    }
    return {**instants, "packets": 1, "bytes": size}


def test_the_rate_is_of_what_arrived_in_the_last_minute(tmp_path: Path) -> None:
    rows = [flow(-400, -300, 1_000_000), flow(-50, -10, 600), flow(300, -5, 1500)]
    lake = make_lake(tmp_path / "lake", rows, [{"minute": NOON, "stored": 2}, {"minute": NOON, "stored": 1}])
    (row,) = overview(lake, Query(), NOON).data
    assert row == {
        "bits_per_second": 2100 * 8 // 60,
        "packets_per_second": 0,
        "flows_per_second": 2 / 60,
        "window_seconds": 60,
        "flows": 3,
        "first_seen": "2026-01-01T11:53:20.000000000Z",
        # The exporter of the third says it ended ten minutes after we heard of it.
        "last_seen": "2026-01-01T11:59:55.000000000Z",
        "last_received": "2026-01-01T11:59:55.000000000Z",
    }


def test_an_empty_lake_has_no_extent(tmp_path: Path) -> None:
    (row,) = overview(Lake.create(tmp_path / "lake"), Query(), NOON).data
    assert (row["flows"], row["bits_per_second"], row["first_seen"]) == (0, 0, None)
