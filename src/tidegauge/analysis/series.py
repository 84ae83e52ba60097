"""``series``: how much, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.clock.instant_text import zone_from_name, zone_offset
from tidegauge.query.buckets import series as series_statement
from tidegauge.query.question import step_of

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_MARK = "is_other"


def series(lake: Lake, query: Query, now: int) -> Answer:
    """Rows by bucket and group, the bucket's start as ``time``; buckets without flows have no row.

    With ``query.top`` the largest groups keep their rows, and ``other["rows"]`` holds the rest by bucket.
    """
    with Reading(lake, query, now) as reading:
        totals = totals_of(reading)
        statement = series_statement(reading.query, reading.time_range, totals.extent.since)
        rows = reading.rows(statement)
        rest = [row for row in rows if row[_MARK]]
        data = [row for row in rows if not row[_MARK]]
        for row in rows:
            del row[_MARK]
        return reading.answer(
            data,
            [column for column in statement.columns if column.name != _MARK],
            totals=totals.metrics,
            other=_other(rest, list(totals.metrics)) if rest else None,
            extent=totals.extent,
            warnings=[*totals.warnings, *_shifted(query, reading.time_range, totals.extent)],
        )


def _shifted(query: Query, time_range: TimeRange, extent: TimeRange) -> list[str]:
    """Say when buckets of whole hours or days leave the local clock because summer time begins or ends."""
    ends = (
        extent.since if time_range.since is None else time_range.since,
        extent.until if time_range.until is None else time_range.until,
    )
    zone = zone_from_name(query.time_zone)
    offsets = {zone_offset(end, zone) for end in ends if end is not None}
    if len(offsets) < 2 or (max(offsets) - min(offsets)) % step_of(query) == 0:  # noqa: PLR2004 (two ends)
        return []
    told = "changes its offset from UTC within the range; buckets after that begin off the local clock"
    return [f"{query.time_zone} {told}"]


def _other(rest: list[dict[str, Any]], metrics: list[str]) -> dict[str, Any]:
    sums = {name: sum(row[name] or 0 for row in rest) for name in metrics}
    return {**sums, "rows": [{name: row[name] for name in ("time", *metrics)} for row in rest]}
