"""``time devices``: who takes the time from whom, and who takes it from nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.clock.instant_text import NANOSECONDS, instant_from_text
from tidegauge.query.statement import Column
from tidegauge.query.time_sources import COLUMNS
from tidegauge.query.time_sources import time_sources as statement

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

PATIENCE_POLLS = 4
PATIENCE_SECONDS = 3600.0
"""Polls are up to 1024 seconds apart in most clients, and an exporter may hold a flow for minutes."""

_COLUMNS = (
    *COLUMNS,
    Column("interval_seconds", "float64", "seconds"),
    Column("state", "text"),
)


def time_sources(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each device at home and NTP server that it asks, and one for each device that asks none.

    ``state`` is ``asks``; ``stopped``, when the device was still seen long after it last asked this server;
    or ``never asks``. ``interval_seconds`` is the mean. What a device asks of servers on its own network is
    seen only where something meters it.
    """
    with Reading(lake, query, now) as reading:
        rows = reading.rows(statement(reading.query, reading.time_range))
        data = [row | _judged(row) for row in rows]
        return reading.answer(arranged(data, _COLUMNS, query.order, query.top), _COLUMNS)


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    if row["server"] is None:
        return {"interval_seconds": None, "state": "never asks"}
    first, last, seen = (instant_from_text(row[name]) for name in ("first_asked", "last_asked", "last_seen"))
    times = (row["requests"] or 0) - 1
    interval = (last - first) / times / NANOSECONDS if times > 0 else None
    patience = max(PATIENCE_SECONDS, PATIENCE_POLLS * (interval or 0))
    is_over = (seen - last) / NANOSECONDS > patience
    return {"interval_seconds": interval, "state": "stopped" if is_over else "asks"}
