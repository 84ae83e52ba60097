"""Crossings: the same packets as two exporters tell of them, and what that says of their clocks.

Which records these are is decided in ``query/crossings.py``.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.clock_sightings import WALL, ClockKey
from tidegauge.analysis.minutes import range_values
from tidegauge.analysis.passings import Key, passing, reading_step
from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.clock.two_way import Crossing, Passing, difference_either_way
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.crossings import COUNT, CROSSINGS, EXTENT, MOST_RECORDS, WINDOW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.engines.duckdb import Engine


class Told(NamedTuple):
    """What a question and its answer tell of two clocks, in nanoseconds.

    The second's offset minus the first's was from ``low`` to ``high`` when the first one showed ``at``. Both
    records were here at ``arrival``.
    """

    at: int
    arrival: int
    low: int
    high: int


class Compared(NamedTuple):
    """Two clocks that told of the same packets."""

    first: ClockKey
    second: ClockKey
    told: tuple[Told, ...]


def compared_clocks(engine: Engine, time_range: TimeRange) -> list[Compared]:
    """Pairs of exporters that told of the same packets in the last minutes of the range, both ways round.

    The engine has to see flows whatever times they tell.
    """
    [(last,)] = engine.rows(EXTENT, range_values(time_range))
    if last is None:
        return []
    window: dict[str, int | str | bytes | None] = {"first": last - WINDOW_SECONDS * NANOSECONDS, "last": last}
    [(count,)] = engine.rows(COUNT, window)
    rows = engine.rows(CROSSINGS, window | {"every": -(-count // MOST_RECORDS)})
    steps: dict[Key, int] = {}
    found: list[Compared] = []
    for ends, group in groupby(rows, key=lambda row: row[:6]):
        pair = Key(*ends[:3]), Key(*ends[3:])
        for key in pair:
            if key not in steps:
                steps[key] = reading_step(engine, key, window)
        found += _compared(pair, [row[6:] for row in group], steps)
    return found


def _compared(
    pair: tuple[Key, Key], rows: list[tuple[int, ...]], steps: dict[Key, int]
) -> tuple[Compared, Compared]:
    """The second clock by the first, and the first by the second."""
    ours, theirs = [], []
    for arrival, *told in rows:
        first = _crossing(pair[0], told[:5], steps[pair[0]])
        second = _crossing(pair[1], told[5:], steps[pair[1]])
        low, high = difference_either_way(first, second)
        ours.append(Told(first.question.least, arrival, low, high))
        theirs.append(Told(second.question.least, arrival, -high, -low))
    one, other = _clock(pair[0]), _clock(pair[1])
    return Compared(one, other, tuple(ours)), Compared(other, one, tuple(theirs))


def _crossing(key: Key, told: Sequence[int], step: int) -> Crossing:
    """Where a router metered a packet twice, coming in and going out, it passed between the two."""
    least, most, other_least, other_most, is_delta = told
    passed = partial(passing, key, step=step, is_delta=bool(is_delta))
    return Crossing(
        Passing(passed(least).least, passed(most).most),
        Passing(passed(other_least).least, passed(other_most).most),
    )


def _clock(key: Key) -> ClockKey:
    return ClockKey(text_from_address(key.exporter), key.observation_domain or 0, WALL)
