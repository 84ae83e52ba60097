from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.conftest import ledger_row
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.clocks import clocks
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

CONTRADICTION = (
    "the bounds exclude each other: the clock was set, drifts, or a datagram was later than assumed"
)


def test_a_fast_clock_is_proven_by_the_tightest_bounds(lake: Lake) -> None:
    assert clocks(lake, Query(), NOON).data == [
        {
            "exporter": "192.0.2.9",
            "observation_domain": 1,
            "clock": "wall",
            "offset_seconds": 299.725,
            "offset_low": 299.2,
            "offset_high": 300.25,
            "drift_ppm": None,
            "state": "raw",
            "method": "header minus arrival",
            "corrected": False,
            "assumptions": ["delay at most 250 ms", "our own clock is right"],
            "note": "at least 299.2 s fast",
        }
    ]


@pytest.mark.parametrize(
    ("low", "high", "note"),
    [
        (30_000_000, 40_000_000, "at least 30.0 ms fast"),
        (-SECOND // 100, 0, "no error is proven"),
        (-3 * SECOND, -2 * SECOND, "at least 1.8 s slow, if no datagram was late by more than 250 ms"),
        (-SECOND, -SECOND // 2, "at least 250.0 ms slow, if no datagram was late by more than 250 ms"),
        (5 * SECOND, SECOND, CONTRADICTION),
        (None, None, "no header that carried a time came with its arrival"),
    ],
)
def test_notes_say_what_is_proven(tmp_path: Path, low: int | None, high: int | None, note: str) -> None:
    lake = make_lake(tmp_path / "lake", ledger=[ledger_row(clock_low=low, clock_high=high)])
    [row] = clocks(lake, Query(), NOON).data
    assert row["note"] == note
    assert row["state"] == ("unknown" if low is None else "raw")
