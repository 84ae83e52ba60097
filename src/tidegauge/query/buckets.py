"""``series``: metrics over time, in buckets of equal width, counters spread over the life of their flow.

A flow counts as a flow once, in the bucket of its start, or the first of the range where it
started earlier. Buckets without flows have no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import zone_from_name, zone_offset
from tidegauge.query.question import step_of
from tidegauge.query.ranking import (
    group_order,
    key_names,
    key_select,
    limit,
    metric_columns,
    metric_names,
    order_names,
    source_of,
)
from tidegauge.query.spreading import share, total
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.query.source import Source

_WEEK = 7 * 86_400_000_000_000
_FIRST_MONDAY = 4 * 86_400_000_000_000


def series(query: Query, time_range: TimeRange, first: int | None = None) -> Statement:
    """Rows of bucket start, keys, metrics and ``is_other``, by time and then keys.

    ``first`` is when the flows begin, for a range whose begin is open. With ``top`` the largest groups
    of the whole range keep their rows; the rest share one row a bucket, with null keys and ``is_other``
    true. Raises QuestionError.
    """
    source = source_of(query, time_range)
    begin = first if time_range.since is None else time_range.since
    grouped = _grouped(source, step_of(query), bucket_origin(step_of(query), query.time_zone, begin))
    chosen, kept = _ranked(query, source), _kept(source)
    found = (*(key.column for key in source.keys), *metric_columns(source.measures))
    columns = (Column("time", "instant"), *found, Column("is_other", "boolean"))
    selected = ", ".join(filter(None, ["bucket", key_select(source.keys), metric_names(source.measures)]))
    order = ", ".join(filter(None, ["bucket", key_names(source.keys)]))
    rows = kept if chosen else _ALL
    sql = f"WITH {grouped}{chosen} SELECT {selected}, is_other FROM ({rows}) ORDER BY is_other, {order}"
    return Statement(sql, source.parameters.values, columns, source.lookups)


_ALL = "SELECT *, FALSE AS is_other FROM grouped"


def bucket_origin(step: int, time_zone: str, begin: int | None) -> int:
    """Where buckets are counted from, at most one step (or week) before 1970.

    Aligned to local midnight by the zone's offset at ``begin``; weeks begin on Monday.

    >>> bucket_origin(3600 * 10**9, "UTC", None)
    -3600000000000
    """
    monday = _FIRST_MONDAY if step % _WEEK == 0 else 0
    return (monday - zone_offset(begin or 0, zone_from_name(time_zone))) % step - step


def _grouped(source: Source, step: int, begin: int) -> str:
    width, origin = (f"CAST({source.parameters.add(number)} AS BIGINT)" for number in (step, begin))
    first = f"greatest(lived_from, {source.since})" if source.since else "lived_from"
    last = f"least(lived_to, {source.until})" if source.until else "lived_to"
    names = key_names(source.keys)
    group = ", ".join(filter(None, ["bucket", names]))
    once = "CASE WHEN bucket = first_bucket THEN weight ELSE 0 END"
    sums = ", ".join(filter(None, [f"{origin} + bucket * {width} AS bucket", names, *_sums(source)]))
    return f"""{source.inside()},
        placed AS NOT MATERIALIZED (
            SELECT *, ({first} - {origin}) // {width} AS first_bucket,
                (greatest({first}, {last} - 1) - {origin}) // {width} AS last_bucket
            FROM inside),
        spread AS (
            SELECT {_cut(source, "first_bucket", "weight", source.since, source.until)}
            FROM placed WHERE first_bucket = last_bucket
            UNION ALL
            SELECT {_cut(source, "bucket", once, "edge", "next_edge")}
            FROM (SELECT *, greatest({first}, {origin} + bucket * {width}) AS edge,
                    least({last}, {origin} + (bucket + 1) * {width}) AS next_edge
                  FROM (SELECT *, unnest(range(first_bucket, last_bucket + 1)) AS bucket
                        FROM placed WHERE first_bucket <> last_bucket))),
        grouped AS (
            SELECT {sums}
            FROM spread GROUP BY {group})"""


def _cut(source: Source, bucket: str, weight: str, since: str, until: str) -> str:
    columns = [
        f"{bucket} AS bucket",
        f"{weight} AS weight",
        *(f"k{index}" for index in range(len(source.keys))),
    ]
    for index, measure in enumerate(source.measures):
        if measure.counter:
            columns.append(f"{share(f'm{index}', since, until)} AS m{index}")
        if measure.factor:
            columns.append(f"x{index}")
    return ", ".join(columns)


def _sums(source: Source) -> list[str]:
    return [total(index, measure, f"m{index}") for index, measure in enumerate(source.measures)]


def _ranked(query: Query, source: Source) -> str:
    clause = limit(query.top, 0)
    if not clause or not source.keys:
        return ""
    names = key_names(source.keys)
    sums = ", ".join(f'sum("{measure.name}") AS "{measure.name}"' for measure in source.measures)
    order = group_order(query, order_names(source.keys, source.measures), source.measures)
    return f"""
        , chosen AS (
            SELECT {names}, TRUE AS is_chosen FROM (SELECT {names}, {sums} FROM grouped GROUP BY {names})
            ORDER BY {order}, {names} {clause})"""


def _kept(source: Source) -> str:
    names = [f"k{index}" for index in range(len(source.keys))]
    same = " AND ".join(f"grouped.{name} IS NOT DISTINCT FROM chosen.{name}" for name in names)
    metrics = metric_names(source.measures)
    sums = ", ".join(f'sum("{measure.name}") AS "{measure.name}"' for measure in source.measures)
    nulls = ", ".join(f"NULL AS {name}" for name in names)
    qualified = ", ".join(f"grouped.{name}" for name in names)
    marked = f"SELECT bucket, {qualified}, {metrics}, is_chosen FROM grouped LEFT JOIN chosen ON {same}"
    return f"""
        WITH marked AS ({marked})
        SELECT bucket, {", ".join(names)}, {metrics}, FALSE AS is_other FROM marked WHERE is_chosen
        UNION ALL
        SELECT bucket, {nulls}, {sums}, TRUE AS is_other
        FROM marked WHERE is_chosen IS NULL GROUP BY bucket"""
