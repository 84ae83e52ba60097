"""Moved flows: those whose times are put right, where only the first and the last of them matter.

Of a range in which all of them lie, wherever they are put, each counts whole: sums tell that, or the flows as
they told. What is left is the time that they span. It is told by few flows, which alone are put right: those
that told a time so near to an end that they may be the first or the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.timerange import TimeRange
from tidegauge.query.ends import at_ends, span
from tidegauge.store.engines.database import files_sql
from tidegauge.store.engines.standing_flows import REPORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.analysis.clock_correction import Corrections
    from tidegauge.analysis.clock_reach import Reach
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.segment import Rollup

_INSTANTS = range(-(2**62), 2**62)
"""Nanoseconds since 1970 that a database can add up."""


class Moved(NamedTuple):
    """The flows of a file, what they come to, and how far they are moved."""

    path: str
    rollup: Rollup
    reach: Reach

    @property
    def earliest(self) -> int:
        """Before this none of them began."""
        return self.rollup.first - self.reach.most

    @property
    def latest(self) -> int:
        """After this none of them ended."""
        return self.rollup.last - self.reach.least

    def is_inside(self, time_range: TimeRange) -> bool:
        """Whether all of them lie in a range."""
        since, until = time_range.since, time_range.until
        return (since is None or self.earliest >= since) and (until is None or self.latest < until)

    def is_outside(self, time_range: TimeRange) -> bool:
        """Whether none of them lived in a range."""
        since, until = time_range.since, time_range.until
        return (since is not None and self.latest < since) or (until is not None and self.earliest >= until)


def with_moved(
    engine: Engine, corrections: Corrections, moved: Sequence[Moved], others: TimeRange
) -> TimeRange:
    """The time that flows span which are moved, and others whose time is known."""
    if not moved:
        return others
    # As late as this is the first, as early as this the last of all: of files that lie between none is read.
    first = _first(others.since, min(each.rollup.first - each.reach.least for each in moved))
    last = _last(others.until, max(each.rollup.last - each.reach.most for each in moved))
    read = [each for each in moved if each.earliest < first or each.latest > last]
    if not read:
        return others
    most, least = max(each.reach.most for each in read), min(each.reach.least for each in read)
    told = TimeRange(first + most, last + least)
    paths = files_sql(each.path for each in read)
    corrections.prepare(engine)
    sql = REPORTED.sub(f"FROM {paths} AS reported", at_ends(corrections.exporters, _believed(told)))
    statement = span(f"({sql})")
    [(found_first, found_last)] = engine.rows(statement.sql, statement.values)
    return TimeRange(_first(others.since, found_first), _last(others.until, found_last))


def _first(known: int | None, found: int) -> int:
    return found if known is None else min(known, found)


def _last(known: int | None, found: int) -> int:
    return found if known is None else max(known, found)


def may_stay_as_told(engine: Engine) -> bool:
    """Whether it pays to leave flows as they told, and none lived before 1970, where lives are cut otherwise.

    Few flows are put right once for all questions, and where nobody tells their times it is soon done.
    """
    known = None if engine.are_few else engine.statistics()
    return known is not None and known.first is not None and known.first >= 0


def near_ends(told: TimeRange, reach: Reach) -> TimeRange:
    """Until when the first of some flows told that it began, and from when on the last told that it ended.

    They told times that span ``told``, and are moved by so much.
    """
    if told.since is None or told.until is None:
        return TimeRange()
    width = reach.most - reach.least
    return _believed(TimeRange(told.since + width, told.until - width))


def _believed(told: TimeRange) -> TimeRange:
    """A range without an end where that is no instant."""
    return TimeRange(
        told.since if told.since in _INSTANTS else None, told.until if told.until in _INSTANTS else None
    )
