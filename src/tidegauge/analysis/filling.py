"""Filling: rows for the buckets in which nothing was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.query.error import QuestionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.ruler import Ruler

MAX_ROWS = 1_000_000

Row = tuple[Any, ...]


def filled(rows: Sequence[Row], empty: Row, marks: Ruler, time_range: TimeRange) -> list[Row]:
    """Rows of bucket, keys and metrics, and ``empty`` metrics for each bucket and group that has none.

    A question without groups has one. Raises QuestionError where that makes too many rows.
    """
    if time_range.since is None or time_range.until is None:
        return list(rows)
    width = 1 + (len(rows[0]) - 1 - len(empty) if rows else 0)
    groups = sorted({row[1:width] for row in rows}, key=lambda group: [(key is None, key) for key in group])
    buckets = range(marks.bucket(time_range.since), marks.bucket(time_range.until - 1) + 1)
    if len(buckets) * max(len(groups), 1) > MAX_ROWS:
        raise QuestionError(
            "filled, the series has more than a million rows; take a longer step, or fewer groups"
        )
    known = {row[:width]: row for row in rows}
    begins = [marks.begin(bucket) for bucket in buckets]
    return [
        known.get((begin, *group), (begin, *group, *empty)) for begin in begins for group in groups or [()]
    ]
