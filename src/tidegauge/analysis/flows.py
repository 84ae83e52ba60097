"""``flows``: the flows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import rows_from_tuples
from tidegauge.analysis.totals import totals_of
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.listing import DEFAULT_LIMIT, page, page_end
from tidegauge.query.page import Place, cursor_after, place_of

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake


def flows(lake: Lake, query: Query, now: int) -> Answer:
    """Whole flows that overlap the range, each with ``bytes_in_range``; totals count what is in range.

    Where there are more, ``next`` is the cursor to ask with for those. Pages neither overlap nor leave
    a flow out, whatever happens to the lake's files meanwhile; flows that arrive later are seen where their
    place is still to come.
    """
    place = place_of(query)
    with Reading(lake, _frozen(query, place), now, ("direction", "cursor")) as reading:
        end = reading.tuples(page_end(reading.query, reading.time_range, place)) if query.top != 0 else []
        statement = page(reading.query, reading.time_range, place, end[0][0] if end else None)
        tuples, totals = reading.tuples(statement), totals_of(reading)
        shown = len(tuples) if query.top == 0 else query.top or DEFAULT_LIMIT
        width = len(statement.columns)
        places = [row[width:] for row in tuples[:shown]]
        return reading.answer(
            rows_from_tuples(statement.columns, [row[:width] for row in tuples[:shown]]),
            statement.columns,
            totals=totals.metrics,
            extent=totals.extent,
            warnings=totals.warnings,
            following=cursor_after(query, reading.time_range, places) if len(tuples) > shown else None,
        )


def _frozen(query: Query, place: Place | None) -> Query:
    """The question about the range that its first page was about."""
    if place is None:
        return query
    ends = (None if end is None else text_from_instant(end) for end in (place.since, place.until))
    since, until = ends
    return msgspec.structs.replace(query, since=since, until=until)
