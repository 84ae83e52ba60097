"""Billing: a percentile of five-minute averages, as transit is paid for.

The busiest few of all samples are given away: of 8,640 in a month of 30 days, the 95th percentile leaves out
432. The percentile is the nearest rank (the smallest sample that at least so many of a hundred do not
exceed), never between two samples. A step without traffic is a sample of 0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidegauge.query.error import QuestionError
from tidegauge.query.question import DEFAULT_METRICS
from tidegauge.query.ranking import limit
from tidegauge.query.rates import Steps, nearest_rank, rates
from tidegauge.query.statement import Column, Statement, ordered, rendered

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query

STEP = 300_000_000_000
DEFAULT_PERCENTILE = 95
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?|100)")
_COLUMNS = (
    Column("in_bps", "uint64", "bits per second"),
    Column("out_bps", "uint64", "bits per second"),
    Column("sum_bps", "uint64", "bits per second"),
    Column("higher_bps", "uint64", "bits per second"),
    Column("bytes_in", "uint64", "bytes"),
    Column("bytes_out", "uint64", "bytes"),
    Column("percentile", "float64"),
    Column("samples", "uint64", "samples"),
    Column("samples_with_traffic", "uint64", "samples"),
)
_FALLING = frozenset(column.name for column in _COLUMNS)


def percentile_of(query: Query) -> float:
    """Which percentile is asked for: ``p95`` among the metrics. Raises QuestionError when it is none."""
    if query.metrics == DEFAULT_METRICS:
        return DEFAULT_PERCENTILE
    found = [_PERCENTILE.fullmatch(name) for name in query.metrics]
    if len(found) != 1 or found[0] is None or not float(found[0][1]):
        raise QuestionError(f"billing counts one percentile, such as p95, not {', '.join(query.metrics)!r}")
    return float(found[0][1])


def whole_steps(time_range: TimeRange) -> Steps:
    """The complete five minutes of a range that is closed on both sides. Raises QuestionError without any."""
    if time_range.since is None or time_range.until is None:
        raise ValueError("a bill needs a begin and an end")
    count = (time_range.until - time_range.since) // STEP
    if not count:
        raise QuestionError("the range holds no complete five minutes to take a sample of")
    return Steps(time_range.since, STEP, count)


def billing(query: Query, time_range: TimeRange, steps: Steps) -> Statement:
    """A row for each group: the percentile in, out, of the sum and the higher of both, the largest sum first.

    Raises QuestionError.
    """
    found = rates(query, time_range, steps)
    percentile = percentile_of(query)
    group = ", ".join(found.names)
    pairs = zip(found.names, found.columns, strict=True)
    shown = [*(rendered(name, column.type) for name, column in pairs), *(column.name for column in _COLUMNS)]
    picked = ", ".join(
        f"{nearest_rank(amount, percentile, steps.count)} * 8 // 300 AS {name}_bps"
        for name, amount in _AMOUNTS.items()
    )
    sql = f"""
        WITH {found.sql}, billed AS (
            SELECT {group}, {picked}, greatest(in_bps, out_bps) AS higher_bps,
                CAST(coalesce(sum(bytes_in), 0) AS HUGEINT) AS bytes_in,
                CAST(coalesce(sum(bytes_out), 0) AS HUGEINT) AS bytes_out,
                CAST({percentile} AS DOUBLE) AS percentile, {steps.count} AS samples,
                count(*) AS samples_with_traffic
            FROM rates GROUP BY {group})
        SELECT {", ".join(shown)}
        FROM billed ORDER BY {_order(query, found.names, found.columns)}, {group} {limit(query.top, 0)}"""
    return Statement(sql, found.source.parameters.values, (*found.columns, *_COLUMNS), found.source.lookups)


_AMOUNTS = {
    "in": "coalesce(bytes_in, 0)",
    "out": "coalesce(bytes_out, 0)",
    "sum": "coalesce(bytes_in, 0) + coalesce(bytes_out, 0)",
}


def _order(query: Query, names: tuple[str, ...], columns: tuple[Column, ...]) -> str:
    known = {column.name: name for name, column in zip(names, columns, strict=True)}
    known |= {column.name: column.name for column in _COLUMNS}
    try:
        return ordered(known, query.order or "sum_bps", _FALLING)
    except KeyError:
        raise QuestionError(
            f"cannot order a bill by {query.order!r}; the answer has {', '.join(known)}"
        ) from None
