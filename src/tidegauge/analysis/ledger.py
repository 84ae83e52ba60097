"""``ledger``: everything received, stored and lost, by minute."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.flow.counters import COUNTERS, MALFORMED
from tidegauge.flow.lost_records import Heard
from tidegauge.flow.sampling_error import margin
from tidegauge.query.statement import Column, Statement, rendered

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

COUNTER_NAMES = (*COUNTERS, *(f"malformed_{reason}" for reason in MALFORMED))

KEYS = (
    Column("minute", "instant"),
    Column("exporter", "address"),
    Column("observation_domain", "uint32"),
    Column("protocol_version", "text"),
)
ESTIMATES = (Column("lost_records", "uint64"), Column("lost_records_error", "uint64"))


def ledger(lake: Lake, query: Query, now: int) -> Answer:
    """Counters by minute, exporter, observation domain and protocol version.

    A row without an exporter belongs to the listener itself: what the kernel dropped has no sender. In the
    others ``lost_records`` are the flow records that went with all that is counted as lost, where these can
    be told; of NetFlow v9 and sFlow they are estimated, and ``lost_records_error`` is what to add and to take
    away. The filter of the question plays no part: what was lost cannot be filtered.
    """
    with Reading(lake, query, now) as reading:
        statement = _statement(reading.time_range)
        rows = reading.rows(statement)
        sums = {name: sum(row[name] or 0 for row in rows) for name in COUNTER_NAMES}
        columns = (*statement.columns, *ESTIMATES)
        data = arranged([row | _estimate(row) for row in rows], columns, query.order, query.top)
        return reading.answer(data, columns, totals={**sums})


def _estimate(row: dict[str, Any]) -> dict[str, int | None]:
    if row["exporter"] is None:
        return {column.name: None for column in ESTIMATES}
    heard = Heard.of(row["protocol_version"], row)
    found = heard.records_of(heard.lost)
    records = round(found.value) + row["lost_queue"] + row["lost_write"]
    return {"lost_records": records, "lost_records_error": margin(ceil(found.variance))}


def _statement(time_range: TimeRange) -> Statement:
    keys = ", ".join(rendered(column.name, column.type) for column in KEYS)
    sums = ", ".join(f"CAST(coalesce(sum({name}), 0) AS UBIGINT)" for name in COUNTER_NAMES)
    names = ", ".join(column.name for column in KEYS)
    sql = f"SELECT {keys}, {sums} FROM ledger WHERE {IN_RANGE} GROUP BY {names} ORDER BY {names}"
    columns = (*KEYS, *(Column(name, "uint64") for name in COUNTER_NAMES))
    return Statement(sql, range_values(time_range), columns)
