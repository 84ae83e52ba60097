"""Matrices: one field down, one across, and what belongs to both in the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.error import QuestionError
from tidegauge.query.ranking import DEFAULT_TOP, limit, source_of
from tidegauge.query.spreading import share, total
from tidegauge.query.statement import Column, Statement, rendered

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.query.source import Source

SIDES = 2
_MARKS = (Column("is_other_row", "boolean"), Column("is_other_column", "boolean"))


def matrix(query: Query, time_range: TimeRange) -> Statement:
    """A row for each cell with flows: both fields, both marks, the metrics; the largest row and column first.

    ``query.top`` rows and as many columns keep their names, by the metric that ``query.order`` names, else
    the first; the rest shares a row and a column, marked and without a name. Raises QuestionError.
    """
    source = _source(query, time_range)
    names = tuple(measure.name for measure in source.measures)
    order = query.order.removesuffix(":desc") or names[0]
    if order not in names:
        raise QuestionError(f"cannot order a matrix by {query.order!r}; it counts {', '.join(names)}")
    sums = ", ".join(f'sum("{name}") AS "{name}"' for name in names)
    ranks = [_rank(index, order, query) for index in range(SIDES)]
    shown = ", ".join(
        f"{rendered(f'k{index}', key.column.type)} AS k{index}" for index, key in enumerate(source.keys)
    )
    sql = f"""
        WITH {source.inside()}, grouped AS ({_grouped(source)}),
        ranked_0 AS ({ranks[0]}),
        ranked_1 AS ({ranks[1]}),
        cell AS (
            SELECT place_0, any_value(CASE WHEN is_kept_0 THEN grouped.k0 END) AS k0,
                place_1, any_value(CASE WHEN is_kept_1 THEN grouped.k1 END) AS k1,
                NOT is_kept_0 AS is_other_row, NOT is_kept_1 AS is_other_column, {sums}
            FROM grouped
            JOIN ranked_0 ON ranked_0.k0 IS NOT DISTINCT FROM grouped.k0
            JOIN ranked_1 ON ranked_1.k1 IS NOT DISTINCT FROM grouped.k1
            GROUP BY place_0, is_kept_0, place_1, is_kept_1)
        SELECT {shown}, is_other_row, is_other_column, {", ".join(f'"{name}"' for name in names)}
        FROM cell ORDER BY place_0, place_1"""
    counted = tuple(Column(measure.name, "uint64", measure.unit) for measure in source.measures)
    columns = (*(key.column for key in source.keys), *_MARKS, *counted)
    return Statement(sql, source.parameters.values, columns, source.lookups)


def _source(query: Query, time_range: TimeRange) -> Source:
    if len(query.by) != SIDES:
        raise QuestionError("a matrix has two sides: name two fields, such as team,category")
    source = source_of(query, time_range)
    for measure in source.measures:
        if not measure.is_additive:
            raise QuestionError(f"{measure.name!r} does not add up along a row; count something that does")
    if any(key.is_either_side for key in source.keys):
        raise QuestionError("rows that overlap make no matrix; name one end, src_… or dst_…")
    return source


def _grouped(source: Source) -> str:
    sums = [
        total(index, measure, share(f"m{index}", source.since, source.until))
        for index, measure in enumerate(source.measures)
    ]
    return f"SELECT {', '.join(['k0', 'k1', *sums])} FROM inside GROUP BY k0, k1"


def _rank(index: int, order: str, query: Query) -> str:
    """Where the values of one side stand; all that are not kept share the place after those that are."""
    count = limit(query.top, DEFAULT_TOP).removeprefix("LIMIT ")
    place = f'row_number() OVER (ORDER BY sum("{order}") DESC NULLS LAST, k{index})'
    kept = f"place <= {count}" if count else "TRUE"
    last = f"least(place, {int(count) + 1})" if count else "place"
    return f"""
        SELECT k{index}, {last} AS place_{index}, {kept} AS is_kept_{index}
        FROM (SELECT k{index}, {place} AS place FROM grouped GROUP BY k{index})"""
