"""``series``: metrics over time, counters spread over the life of their flow.

A flow counts as a flow once, in the bucket of its start, or the first of the range where it
started earlier. Buckets without flows have no row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tidegauge.query.error import QuestionError
from tidegauge.query.groups import Groups, same_keys, with_earlier
from tidegauge.query.having import having, key_field, metric_field
from tidegauge.query.measure import Measure, before
from tidegauge.query.pieces import pieces
from tidegauge.query.question import step_of
from tidegauge.query.ranking import (
    group_order,
    key_names,
    key_select,
    limit,
    metric_columns,
    metric_names,
    order_names,
    rolled_keys,
    source_of,
)
from tidegauge.query.rolled import with_rolled
from tidegauge.query.ruler import Ruler, ruler
from tidegauge.query.source import Source, bounds
from tidegauge.query.statement import Column, Statement
from tidegauge.query.traits import UNKNOWN, Traits

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.flow.field import Field
    from tidegauge.query.question import Query


def series(query: Query, time_range: TimeRange, first: int | None = None) -> Statement:
    """The series over the buckets of a range whose flows begin at ``first`` where its begin is open."""
    return series_over(query, time_range, ruler(step_of(query), query.time_zone, _known(time_range, first)))


def _known(time_range: TimeRange, first: int | None) -> TimeRange:
    return replace(time_range, since=first) if time_range.since is None else time_range


def series_over(
    query: Query,
    time_range: TimeRange,
    marks: Ruler,
    earlier: tuple[TimeRange, Ruler] | None = None,
    traits: Traits = UNKNOWN,
    *,
    is_rolled: bool = False,
) -> Statement:
    """Rows of bucket, keys, metrics and ``is_other``, by bucket and then keys.

    With ``top`` the largest groups of the whole range keep their rows; the rest share one row a bucket, with
    null keys and ``is_other`` true; so do the rows that ``having`` refuses. With ``earlier``, a range and its
    ruler, come the metrics of the same bucket of that. Where the question ``is_rolled``, what the relation
    ``rolled`` holds by minute is counted as well. Raises QuestionError.
    """
    source = source_of(query, time_range, traits)
    if odd := next((each.name for each in source.measures if each.kind in ("peak", "p95", "share")), ""):
        raise QuestionError(f"a series has no {odd}; it belongs to top")
    answered = (*source.measures, *before(source.measures)) if earlier else source.measures
    relations = [source.inside(), _cut(source, marks), _grouped(source, marks if is_rolled else None)]
    if earlier:
        since, until = bounds(earlier[0], source.parameters)
        then = replace(source, since=since, until=until)
        relations.append(
            f"earlier AS (WITH {then.inside()}, {_cut(then, earlier[1])}, {_grouped(then)} FROM grouped)"
        )
        relations.append(
            f"compared AS ({with_earlier(source.measures, ('bucket', *_names(source)), is_full=True)})"
        )
    relation = "compared" if earlier else "grouped"
    kept = _kept(query, source, answered, relation)
    columns = (Column("time", "instant"), *(key.column for key in source.keys), *metric_columns(answered))
    time = marks.begin_sql("bucket", source.parameters)
    selected = ", ".join(filter(None, [time, key_select(source.keys), metric_names(answered)]))
    order = ", ".join(filter(None, ["bucket", key_names(source.keys)]))
    sql = (
        f"WITH {', '.join(relations)}{kept} SELECT {selected}, is_other FROM kept ORDER BY is_other, {order}"
    )
    return Statement(sql, source.parameters.values, (*columns, Column("is_other", "boolean")), source.lookups)


def _names(source: Source) -> list[str]:
    return [f"k{index}" for index in range(len(source.keys))]


def _cut(source: Source, marks: Ruler) -> str:
    """The relation ``pieces``."""
    measures = tuple(enumerate(source.measures))
    names = _names(source)
    cut = pieces("inside", marks, source.parameters, names, measures, since=source.since, until=source.until)
    return f"pieces AS ({cut})"


def _grouped(source: Source, rolled: Ruler | None = None) -> str:
    """The relation ``grouped``: the metrics of each group in each bucket, ``rolled`` added where it is."""
    counted = Groups(["bucket", *_names(source)], source, is_cut=True).select("pieces")
    if rolled:
        keys = {"bucket": rolled.bucket_sql("minute", source.parameters)} | rolled_keys(source)
        counted = with_rolled(counted, keys, source.measures)
    return f"grouped AS ({counted})"


def _kept(query: Query, source: Source, answered: tuple[Measure, ...], relation: str) -> str:
    """The relation ``kept``: the rows that are shown one by one, and for each bucket the rest of them."""
    condition = having(query.having, _columns(source, answered), source.parameters)
    clause = limit(query.top, 0) if source.keys else ""
    if not clause and not condition:
        return f", kept AS (SELECT *, FALSE AS is_other FROM {relation})"
    names = _names(source)
    conditions = [f"({condition})"] if condition else []
    chosen = join = ""
    if clause:
        chosen = f", chosen AS ({_chosen(query, source)} {clause})"
        join = f"LEFT JOIN chosen ON {same_keys(names, 'shown', 'chosen')}"
        conditions.append("is_chosen")
    metrics = metric_names(answered)
    sums = ", ".join(f"sum({name})" if each.is_additive else "NULL" for each, name in _quoted(answered))
    qualified = [f"shown.{name}" for name in ("bucket", *names)]
    rest = ", ".join(["bucket", *["NULL"] * len(names), sums, "TRUE"])
    return f"""{chosen},
        marked AS (
            SELECT {", ".join(qualified)}, {metrics}, ({" AND ".join(conditions)}) IS TRUE AS is_kept
            FROM {relation} AS shown {join}),
        kept AS (
            SELECT {", ".join(["bucket", *names])}, {metrics}, FALSE AS is_other FROM marked WHERE is_kept
            UNION ALL SELECT {rest} FROM marked WHERE NOT is_kept GROUP BY bucket)"""


def _chosen(query: Query, source: Source) -> str:
    """The groups in order of the whole range."""
    names = ", ".join(_names(source))
    if all(measure.is_additive for measure in source.measures):
        sums = ", ".join(f"sum({name}) AS {name}" for _, name in _quoted(source.measures))
        whole = f"SELECT {names}, {sums} FROM grouped GROUP BY {names}"
    else:
        whole = Groups(_names(source), source, is_cut=True).select("pieces")
    order = group_order(query, order_names(source.keys, source.measures), source.measures)
    return f"SELECT {names}, TRUE AS is_chosen FROM ({whole}) ORDER BY {order}, {names}"


def _columns(source: Source, answered: tuple[Measure, ...]) -> dict[str, Field]:
    found = {key.column.name: key_field(key, f"k{index}") for index, key in enumerate(source.keys)}
    return found | {measure.name: metric_field(measure) for measure in answered}


def _quoted(measures: tuple[Measure, ...]) -> list[tuple[Measure, str]]:
    return [(measure, f'"{measure.name}"') for measure in measures]
