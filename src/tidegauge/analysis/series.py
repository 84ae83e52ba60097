"""``series``: how much, over time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.filling import filled
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import rows_from_tuples
from tidegauge.analysis.totals import totals_of
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.buckets import series_over
from tidegauge.query.measure import before, measures
from tidegauge.query.question import step_of
from tidegauge.query.rolled import rolled_minutes
from tidegauge.query.ruler import Ruler, ruler
from tidegauge.query.statement import Column
from tidegauge.store.segment import MINUTES

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_MARK = Column("is_other", "boolean")
_PARTIAL = Column("is_partial", "boolean")


def series(lake: Lake, query: Query, now: int) -> Answer:
    """Rows by bucket and group, the bucket's start as ``time``; buckets without flows have no row.

    ``is_partial`` marks buckets that the range cuts, or that are not over yet. With ``query.fill`` each group
    has a row in each bucket of the range. With ``query.top`` the largest groups keep their rows, and
    ``other["rows"]`` holds the rest by bucket.
    """
    rolled = partial(rolled_minutes, table=MINUTES)
    with Reading(lake, query, now, ("direction", "compare", "having", "fill"), rolled=rolled) as reading:
        totals = totals_of(reading)
        known = _known(reading.time_range, totals.extent)
        marks = ruler(step_of(query), query.time_zone, known)
        statement = series_over(
            reading.query,
            reading.time_range,
            marks,
            _earlier(reading, marks),
            reading.directions,
            is_rolled=reading.rolled is not None,
        )
        tuples = reading.tuples(statement)
        shown = [row[:-1] for row in tuples if not row[-1]]
        if query.fill:
            shown = filled(shown, _empty(query, compares=bool(query.compare)), marks, known)
        ends = (reading.time_range.since, _end(reading.time_range, now))
        columns = (*(column for column in statement.columns if column != _MARK), _PARTIAL)
        data = rows_from_tuples(columns, [(*row, _is_partial(row[0], marks, *ends)) for row in shown])
        rest = rows_from_tuples(statement.columns, [row for row in tuples if row[-1]])
        return reading.answer(
            data,
            columns,
            totals=totals.metrics,
            other=_other(rest, list(totals.metrics)) if rest else None,
            extent=totals.extent,
            warnings=totals.warnings,
        )


def _known(time_range: TimeRange, extent: TimeRange) -> TimeRange:
    """The range, its open sides where the flows begin and end; it ends after the last of them."""
    since = extent.since if time_range.since is None else time_range.since
    until = time_range.until
    if until is None and extent.until is not None:
        until = extent.until + 1
    return TimeRange(since, until)


def _earlier(reading: Reading, marks: Ruler) -> tuple[TimeRange, Ruler] | None:
    """The range compared with, and its buckets: each as far back on the calendar as the whole.

    Even buckets all move as far as the first, for they are not to overlap where clocks are changed.
    """
    since, shift = reading.time_range.since, reading.shift
    if reading.earlier is None or shift is None or since is None:
        return None
    if marks.edges:
        return reading.earlier, marks.shifted(shift.back)
    length = since - shift.back(since)
    return reading.earlier, marks.shifted(lambda instant: instant - length)


def _end(time_range: TimeRange, now: int) -> int:
    return now if time_range.until is None else min(time_range.until, now)


def _is_partial(begin: int, marks: Ruler, since: int | None, end: int) -> bool:
    return (since is not None and begin < since) or marks.begin(marks.bucket(begin) + 1) > end


def _empty(query: Query, *, compares: bool) -> tuple[int | None, ...]:
    """The metrics of a bucket without flows: none were seen, so that what adds up is 0."""
    found = measures(query.metrics)
    answered = (*found, *before(found)) if compares else found
    return tuple(0 if measure.is_additive else measure.of_nothing for measure in answered)


def _other(rest: list[dict[str, Any]], metrics: list[str]) -> dict[str, Any]:
    sums = {name: _sum([row[name] for row in rest]) for name in metrics}
    return {**sums, "rows": [{name: row[name] for name in ("time", *metrics)} for row in rest]}


def _sum(counts: list[int | None]) -> int | None:
    present = [count for count in counts if count is not None]
    return sum(present) if present else None
