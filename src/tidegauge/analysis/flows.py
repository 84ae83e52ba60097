"""``flows``: the flows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.query.listing import listing

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake


def flows(lake: Lake, query: Query, now: int) -> Answer:
    """Whole flows that overlap the range, each with ``bytes_in_range``; totals count what is in range."""
    with Reading(lake, query, now) as reading:
        statement = listing(reading.query, reading.time_range)
        data, totals = reading.rows(statement), totals_of(reading)
        return reading.answer(
            data, statement.columns, totals=totals.metrics, extent=totals.extent, warnings=totals.warnings
        )
