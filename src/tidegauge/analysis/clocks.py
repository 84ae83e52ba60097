"""``clocks``: how far each exporter's clock is off, as its own headers prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.clock_bound import DELAY_CAP_MS, ClockBound, clock_bounds
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.query.statement import Column

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

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


def clocks(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each exporter and observation domain: the raw difference of its clock from ours.

    Offsets are exporter minus true, so a fast clock is positive; null is unbounded. Nothing is
    corrected yet, hence state ``raw``. The filter of the question plays no part.
    """
    with Reading(lake, query, now) as reading:
        data = [_clock(bound) for bound in clock_bounds(reading.engine, reading.time_range)]
        return reading.answer(arranged(data, _COLUMNS, query.order, query.top), _COLUMNS)


def _clock(bound: ClockBound) -> dict[str, Any]:
    low, high = bound.offset_low, bound.offset_high
    row = bound._asdict() | {
        "clock": "wall",
        "offset_seconds": None if low is None or high is None else round((low + high) / 2, 9),
        "drift_ppm": None,
        "state": "unknown" if low is None and high is None else "raw",
        "method": "header minus arrival",
        "corrected": False,
        "assumptions": [] if high is None else [f"delay at most {DELAY_CAP_MS} ms"],
        "note": _note(bound),
    }
    return {column.name: row[column.name] for column in _COLUMNS}


def _note(bound: ClockBound) -> str:
    low, high = bound.offset_low, bound.offset_high
    if bound.is_contradiction:
        return (
            "the bounds exclude each other: the clock was set, drifts, or a datagram was later than assumed"
        )
    if low is not None and low > 0:
        return f"at least {low:.1f} s fast" if low >= 1 else f"at least {low * 1000:.1f} ms fast"
    if high is not None and high < 0:
        slow = f"{-high:.1f} s slow" if high <= -1 else f"{-high * 1000:.1f} ms slow"
        return f"at least {slow}, if no datagram was late by more than {DELAY_CAP_MS} ms"
    return "no error is proven" if low is not None else "no header carried a time"
