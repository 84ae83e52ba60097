"""``billing``: what would have to be paid for, by the percentile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.reading import Reading, time_range_of
from tidegauge.clock.instant_text import instant_from_text, text_from_instant, zone_from_name, zone_offset
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.billing import billing as billing_statement
from tidegauge.query.billing import percentile_of, whole_steps
from tidegauge.query.rates import INTERFACES

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake


def billing(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each exporter and interface, or what ``query.by`` names, over the calendar month so far.

    ``sum_bps`` is the percentile of in and out together, ``higher_bps`` that of each apart, the higher taken.
    Another percentile than the 95th stands in ``query.metrics``, as ``p99``. Only complete samples count,
    those without traffic as 0; ``samples`` says how many there were.
    """
    percentile_of(query)
    steps = whole_steps(_billed(query, now))
    since, until = text_from_instant(steps.since), text_from_instant(steps.until)
    asked = msgspec.structs.replace(query, by=query.by or INTERFACES, since=since, until=until)
    with Reading(lake, asked, now) as reading:
        statement = billing_statement(reading.query, reading.time_range, steps)
        return reading.answer(
            reading.rows(statement),
            statement.columns,
            totals={"samples": steps.count},
            extent=reading.time_range,
        )


def _billed(query: Query, now: int) -> TimeRange:
    """The range of the question up to now; where its begin is open, from the first of that month."""
    asked = time_range_of(query, now)
    until = now if asked.until is None else min(now, asked.until)
    since = _first_of_month(until - 1, query.time_zone) if asked.since is None else asked.since
    return TimeRange(since, max(since, until))


def _first_of_month(instant: int, time_zone: str) -> int:
    zone = zone_from_name(time_zone)
    month = text_from_instant(instant + zone_offset(instant, zone))[: len("2026-01")]
    return instant_from_text(f"{month}-01", zone)
