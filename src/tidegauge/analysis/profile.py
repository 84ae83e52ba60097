"""``profile``: everything about one person, machine or address on one page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.clock.instant_text import instant_from_text, zone_from_name, zone_offset
from tidegauge.flow.addresses import address_from_text
from tidegauge.query.buckets import series
from tidegauge.query.error import QuestionError
from tidegauge.query.identity import identity
from tidegauge.query.profile import COLUMNS, METRICS
from tidegauge.query.profile import profile as profile_statement

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

HOUR = 3600 * 1_000_000_000
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EPOCH_WEEKDAY = 3  # 1970 began on a Thursday
_DAY_HOURS = 24

Row = dict[str, Any]


def profile(lake: Lake, query: Query, now: int) -> Answer:
    """Rows in sections about the subject of the filter, such as ``user John`` or ``addr 10.0.0.1``.

    ``identity`` has the names its addresses went by and since when; then ``addresses``, ``services``,
    ``categories``, ``sites``, ``peers`` and the ``ports`` it answered from, the most bytes first, with
    when they were first and last seen; ``activity`` has bytes by hour of the week, as ``Mon 09``, in the
    question's time zone. Without a filter it is the whole lake's. Raises QuestionError for an order.
    """
    if query.order:
        raise QuestionError("a profile has an order of its own; ask top for another")
    asked = msgspec.structs.replace(query, by=(), metrics=(*METRICS, "flows"))
    with Reading(lake, asked, now) as reading:
        totals = totals_of(reading)
        told = reading.rows(profile_statement(reading.query, reading.time_range, reading.directions))
        data = [*_identity(reading, told), *told, *_activity(reading, totals.extent.since)]
        return reading.answer(
            data, COLUMNS, totals=totals.metrics, extent=totals.extent, warnings=totals.warnings
        )


def _identity(reading: Reading, told: list[Row]) -> list[Row]:
    held = [
        (
            address_from_text(row["address"]).to_bytes(16, "big"),
            instant_from_text(row["since"]),
            instant_from_text(row["until"]),
        )
        for row in told
        if row["section"] == "addresses"
    ]
    return [_row("identity", **row) for row in reading.rows(identity(held))]


def _activity(reading: Reading, first: int | None) -> list[Row]:
    """Bytes by hour of the week, as the clock on the wall of the question's zone shows it."""
    hourly = msgspec.structs.replace(reading.query, step="1h", top=0)
    zone = zone_from_name(reading.query.time_zone)
    sums: dict[int, Counter[str]] = {}
    for bucket in reading.rows(series(hourly, reading.time_range, first)):
        instant = instant_from_text(bucket["time"])
        hour = (instant + zone_offset(instant, zone)) // HOUR
        cell = (hour + _EPOCH_WEEKDAY * _DAY_HOURS) % (7 * _DAY_HOURS)
        sums.setdefault(cell, Counter()).update({name: bucket[name] or 0 for name in (*METRICS, "flows")})
    return [_row("activity", name=_hour_words(cell), **sums[cell]) for cell in sorted(sums)]


def _hour_words(cell: int) -> str:
    return f"{WEEKDAYS[cell // _DAY_HOURS]} {cell % _DAY_HOURS:02d}"


def _row(section: str, **known: object) -> Row:
    return {column.name: known.get(column.name) for column in COLUMNS} | {"section": section}
