"""``series``: how much, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.query.buckets import series as series_statement

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_MARK = "is_other"


def series(lake: Lake, query: Query, now: int) -> Answer:
    """Rows by bucket and group, the bucket's start as ``time``; buckets without flows have no row.

    With ``query.top`` the largest groups keep their rows, and ``other["rows"]`` holds the rest by bucket.
    """
    with Reading(lake, query, now) as reading:
        statement = series_statement(query, reading.time_range)
        rows, totals = reading.rows(statement), totals_of(reading)
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
            warnings=totals.warnings,
        )


def _other(rest: list[dict[str, Any]], metrics: list[str]) -> dict[str, Any]:
    sums = {name: sum(row[name] or 0 for row in rest) for name in metrics}
    return {**sums, "rows": [{name: row[name] for name in ("time", *metrics)} for row in rest]}
