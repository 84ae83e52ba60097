"""Stretches: a long range cut into parts that fit into memory, wherever its flows are.

A range may be open, or span years because one record says 1970. So it is cut by the flows it holds: whole
days are added up until there are enough for one stretch, however few days or many that takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.contacts import BEGAN
from tidegauge.clock.timerange import TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.store.engines.duckdb import Engine

DAY = 86_400 * 1_000_000_000
STRETCH_FLOWS = 5_000_000
"""Enough for a busy day; while they are looked at they take about a gigabyte of memory."""

_DAYS = f"""
SELECT ({BEGAN} - $origin) // {DAY} AS day, count(*) FROM flows
WHERE {BEGAN} IS NOT NULL AND ($since IS NULL OR {BEGAN} >= $since) AND ($until IS NULL OR {BEGAN} < $until)
GROUP BY day ORDER BY day"""


def stretches(engine: Engine, time_range: TimeRange, flows: int = STRETCH_FLOWS) -> list[tuple[int, int]]:
    """The parts of a range that hold flows, as ``[since, until)``, each of whole days from where it begins.

    A part holds at most ``flows`` flows unless a single day has more. An open range begins at midnight UTC.
    """
    origin = 0 if time_range.since is None else time_range.since
    values = {"origin": origin, "since": time_range.since, "until": time_range.until}
    return [
        (origin + first * DAY, _end(origin + (last + 1) * DAY, time_range.until))
        for first, last in _packed(engine.rows(_DAYS, values), flows)
    ]


def _end(until: int, limit: int | None) -> int:
    return until if limit is None else min(until, limit)


def _packed(days: Iterable[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """First and last day of each group of neighbouring days whose flows together are not too many."""
    groups: list[tuple[int, int]] = []
    total = 0
    for day, count in days:
        if groups and total + count <= most:
            groups[-1] = (groups[-1][0], day)
            total += count
        else:
            groups.append((day, day))
            total = count
    return groups
