"""Rolled flows: the segments of a question whose rollups tell all that it asks of them.

A segment is answered from its rollup, from its flows, or not at all where none of them lived in the range.
At an end of the range that is not a full hour, and where flow times are put right, the flows are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.timerange import TimeRange
from tidegauge.query.rolled import RELATION
from tidegauge.store.engines.rollups import rolled_sql
from tidegauge.store.segment import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.analysis.clock_correction import Corrections
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.segment import Rollup, Segment


ARRIVALS = "received"
ARRIVED = "rolled_arrivals"
"""The relation of the minutes in which these flows arrived."""


EVEN_ZONES = 94_694_400 * 1_000_000_000
"""The year 1973: before it a place had a clock that was not at full minutes of all others (Liberia)."""


class RolledFlows(NamedTuple):
    """Which segments are answered by the ``table`` of their rollups.

    ``left_out`` are the paths of all whose flows are not to be read.
    """

    table: str
    rollups: tuple[Rollup, ...]
    left_out: frozenset[str]
    time_range: TimeRange

    @property
    def rows(self) -> int:
        """How many rows of rollups are looked at."""
        return sum(rollup.tables[self.table][0] for rollup in self.rollups)

    @property
    def bytes(self) -> int:
        """How many bytes that is."""
        return sum(rollup.tables[self.table][1] for rollup in self.rollups)

    def extent(self, other: TimeRange) -> TimeRange:
        """The time that these flows and others span, who span ``other``."""
        firsts = [rollup.first for rollup in self.rollups]
        lasts = [rollup.last for rollup in self.rollups]
        since = min([*firsts, *([] if other.since is None else [other.since])], default=None)
        return TimeRange(since, max([*lasts, *([] if other.until is None else [other.until])], default=None))

    def show(self, engine: Engine) -> None:
        """Let statements see the sums as a relation."""
        since, until = self.time_range.since, self.time_range.until
        for relation, table in ((RELATION, self.table), (ARRIVED, ARRIVALS)):
            engine.rows(f"CREATE TEMP VIEW {relation} AS {rolled_sql(table, self.rollups, since, until)}")


def rolled_flows(
    segments: Iterable[Segment], table: str, time_range: TimeRange, corrections: Corrections
) -> RolledFlows | None:
    """What rollups tell of the flows of some segments in a range; None where they tell nothing."""
    rollups: list[Rollup] = []
    left_out: set[str] = set()
    for segment in segments:
        rollup = segment.rollup
        if rollup is None or not {table, ARRIVALS} <= rollup.tables.keys() or rollup.first < EVEN_ZONES:
            continue
        if _is_corrected(segment, corrections):
            continue
        if not _touches(rollup, time_range):
            left_out.add(segment.path)
        elif _is_whole(rollup, time_range):
            left_out.add(segment.path)
            rollups.append(rollup)
    return RolledFlows(table, tuple(rollups), frozenset(left_out), time_range) if rollups else None


def _is_corrected(segment: Segment, corrections: Corrections) -> bool:
    if not corrections.stretches:
        return False
    first, last = segment.received_min, segment.received_max
    return first is None or last is None or bool(corrections.between(first, last))


def _touches(rollup: Rollup, time_range: TimeRange) -> bool:
    since, until = time_range.since, time_range.until
    return (since is None or rollup.last >= since) and (until is None or rollup.first < until)


def _is_whole(rollup: Rollup, time_range: TimeRange) -> bool:
    """Whether no hour that the rollup tells apart lies on both sides of an end of the range.

    Hours for series as well: which losses stand beside an answer is known by the hour.
    """
    since, until = time_range.since, time_range.until
    begins = since is None or since % HOUR == 0 or rollup.first >= since
    return begins and (until is None or until % HOUR == 0 or rollup.last < until)
