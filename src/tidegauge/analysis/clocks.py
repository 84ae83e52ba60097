"""``clocks``: how far each exporter's clocks are off, as its own headers show it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.clock_bound import DELAY_CAP_MS, ClockBound, clock_bounds
from tidegauge.analysis.clock_effect import with_correction
from tidegauge.analysis.clock_exchanges import DAY, exchanges_by_clock, hard_limits, with_exchanges
from tidegauge.analysis.clock_pairs import Span, with_pairs
from tidegauge.analysis.clock_probes import with_probes
from tidegauge.analysis.clock_sightings import WALL, ClockKey, clock_epochs
from tidegauge.analysis.clock_verdict import uptime_verdict, wall_verdict
from tidegauge.analysis.crossings import compared_clocks
from tidegauge.analysis.own_clock import by_our_clock, own_clock
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import address_from_text
from tidegauge.query.statement import Column
from tidegauge.store.clock_probes import probes_between
from tidegauge.store.exchanges import exchanges_seen

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.crossings import Compared
    from tidegauge.query.question import Query
    from tidegauge.store.engines.duckdb import Engine
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
    """A row for each exporter, observation domain and clock, by its headers of at most a day.

    Offsets are exporter minus true, so a fast clock is positive; null is unbounded. Where only the ledger
    tells of a clock, because an earlier release received its headers, its bounds are given as they are, with
    the state ``raw``. The filter of the question plays no part. Bounds are as wide as our own clock may have
    been off meanwhile; where nobody knows, that it was right is among the assumptions.
    """
    with Reading(lake, query, now, of_any_time=True) as reading, exchanges_seen(reading.engine, lake):
        make = partial(_told, reading.engine, reading.time_range, is_own=not lake.clickhouse)
        told = lake.recall("clocks", (query.since, query.until), now, make)
        until = now if reading.time_range.until is None else reading.time_range.until
        last_day = TimeRange(max(reading.time_range.since or 0, until - DAY), until)
        own = own_clock(lake, last_day.since, last_day.until)
        known = {key: by_our_clock(told.clocks[key], own) for key in told.clocks}
        known = with_probes(known, probes_between(lake, until - DAY, until), told.spans)
        known = with_pairs(known, told.pairs, told.spans)
        corrections = reading.corrections(last_day)
        data = [_row(key, with_correction(key, known[key], corrections)) for key in sorted(known, key=_order)]
        return reading.answer(arranged(data, _COLUMNS, query.order, query.top), _COLUMNS)


class _Told(NamedTuple):
    """What is said of each clock by itself, and what the records of two say of both."""

    clocks: dict[ClockKey, dict[str, Any]]
    spans: dict[ClockKey, Span]
    pairs: list[Compared]


def _told(engine: Engine, time_range: TimeRange, *, is_own: bool) -> _Told:
    """What is known but for our own clock. In a lake that is elsewhere packets are not looked for."""
    told = {
        ClockKey(bound.exporter, bound.observation_domain or 0, WALL): _raw(bound)
        for bound in clock_bounds(engine, time_range)
    }
    bounds = exchanges_by_clock(engine, time_range) if is_own else {}
    spans = {}
    for key, epochs in clock_epochs(engine, time_range, hard_limits(bounds)).items():
        told[key] = wall_verdict(epochs) if key.clock == WALL else uptime_verdict(epochs)
        if key in bounds:
            told[key] = with_exchanges(told[key], bounds[key], epochs.epochs[-1])
        if key.clock == WALL:
            spans[key] = Span.of(epochs.epochs[-1])
    pairs = compared_clocks(engine, time_range) if is_own and len(spans) > 1 else []
    return _Told(told, spans, pairs)


def _order(key: ClockKey) -> tuple[int, int, bool]:
    return address_from_text(key.exporter), key.observation_domain, key.clock != WALL


def _row(key: ClockKey, told: dict[str, Any]) -> dict[str, Any]:
    row = key._asdict() | told
    return {column.name: row[column.name] for column in _COLUMNS}


def _raw(bound: ClockBound) -> dict[str, Any]:
    low, high = bound.offset_low, bound.offset_high
    return {
        "offset_seconds": None if low is None or high is None else round((low + high) / 2, 9),
        "offset_low": low,
        "offset_high": high,
        "drift_ppm": None,
        "state": "unknown" if low is None and high is None else "raw",
        "method": "header minus arrival",
        "corrected": False,
        "assumptions": [] if high is None else [f"delay at most {DELAY_CAP_MS} ms"],
        "note": _note(bound),
    }


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
    return "no error is proven" if low is not None else "no header that carried a time came with its arrival"
