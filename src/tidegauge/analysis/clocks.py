"""``clocks``: how far each exporter's clock is off, as its own headers prove it.

A header cannot be written after it arrives. So header time minus arrival is a bound on the
clock's error from below that needs no assumption: whoever is ahead of us by more than nothing
is fast. From above a bound takes the longest delay a datagram may have had on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

DELAY_CAP_MS = 250
"""Longest delay assumed between an exporter's stamp and our arrival; said with each result."""

_NANOSECONDS = 1_000_000_000

_COLUMNS = (
    Column("exporter", "address"),
    Column("observation_domain", "uint32"),
    Column("clock", "text"),
    Column("offset_seconds", "float64", "seconds"),
    Column("offset_low", "float64", "seconds"),
    Column("offset_high", "float64", "seconds"),
    Column("drift_ppm", "float64", "parts per million"),
    Column("state", "text"),
    Column("method", "text"),
    Column("corrected", "boolean"),
    Column("assumptions", "texts"),
    Column("note", "text"),
)

_SQL = f"""
SELECT CAST(exporter AS BLOB), observation_domain, max(clock_low), min(clock_high)
FROM ledger WHERE exporter IS NOT NULL AND {IN_RANGE}
GROUP BY exporter, observation_domain ORDER BY exporter, observation_domain"""

_BOUNDS = (*_COLUMNS[:2], Column("low", "int64"), Column("high", "int64"))


def clocks(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each exporter and observation domain: the raw difference of its clock from ours.

    Offsets are exporter minus true, so a fast clock is positive; null is unbounded. Nothing is
    corrected yet, hence state ``raw``. The filter of the question plays no part.
    """
    with Reading(lake, query, now) as reading:
        rows = reading.rows(Statement(_SQL, range_values(reading.time_range), _BOUNDS))
        data = [_clock(row) for row in rows]
        return reading.answer(arranged(data, _COLUMNS, query.order, query.top), _COLUMNS)


def _clock(row: dict[str, Any]) -> dict[str, Any]:
    low = None if row["low"] is None else row["low"] / _NANOSECONDS
    high = None if row["high"] is None else round(row["high"] / _NANOSECONDS + DELAY_CAP_MS / 1000, 9)
    return {
        "exporter": row["exporter"],
        "observation_domain": row["observation_domain"],
        "clock": "wall",
        "offset_seconds": None if low is None or high is None else round((low + high) / 2, 9),
        "offset_low": low,
        "offset_high": high,
        "drift_ppm": None,
        "state": "unknown" if low is None and high is None else "raw",
        "method": "header minus arrival",
        "corrected": False,
        "assumptions": [] if high is None else [f"delay at most {DELAY_CAP_MS} ms"],
        "note": _note(low, high),
    }


def _note(low: float | None, high: float | None) -> str:
    if low is not None and high is not None and low > high:
        return (
            "the bounds exclude each other: the clock was set, drifts, or a datagram was later than assumed"
        )
    if low is not None and low > 0:
        return f"at least {low:.1f} s fast" if low >= 1 else f"at least {low * 1000:.1f} ms fast"
    if high is not None and high < 0:
        slow = f"{-high:.1f} s slow" if high <= -1 else f"{-high * 1000:.1f} ms slow"
        return f"at least {slow}, if no datagram was late by more than {DELAY_CAP_MS} ms"
    return "no error is proven" if low is not None else "no header carried a time"
