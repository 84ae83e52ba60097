"""``top``: the groups with the most of something, and what all groups come to together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.error import QuestionError
from tidegauge.query.grouping import Key, keys
from tidegauge.query.measure import Measure, measures
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.question import counts_once
from tidegauge.query.source import Source, bounds
from tidegauge.query.spreading import share, total
from tidegauge.query.statement import Column, Statement, ordered, rendered

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query

DEFAULT_TOP = 10


def ranking(query: Query, time_range: TimeRange) -> Statement:
    """The largest groups, ties by key ascending. Raises QuestionError."""
    if not query.by:
        raise QuestionError("name at least one field to group by, such as src_addr")
    source = source_of(query, time_range)
    names = order_names(source.keys, source.measures)
    key_order = ", ".join(f"k{index} ASC" for index in range(len(source.keys)))
    sql = f"""
        WITH {source.inside()}
        SELECT {key_select(source.keys)}, {metric_names(source.measures)}
        FROM (SELECT {_grouped_columns(source)} FROM inside GROUP BY {key_names(source.keys)})
        ORDER BY {group_order(query, names, source.measures)}, {key_order}
        {limit(query.top, DEFAULT_TOP)}"""
    columns = (*(key.column for key in source.keys), *metric_columns(source.measures))
    return Statement(sql, source.parameters.values, columns, source.lookups)


def totals(query: Query, time_range: TimeRange) -> Statement:
    """One row: what everything comes to, then what must be known beside it.

    That is how many flows were clamped, the first start, the last end, and how many flows all groups
    have together. The last is more than there are flows where the two directions of a record belong to
    different groups. ``columns`` are the metrics alone. Groups of either side of a flow overlap and
    are left out of account.
    """
    source = source_of(query, time_range, is_split=False)
    sql = f"""
        WITH {source.inside()}
        SELECT {", ".join(_sums(source, "weight_ungrouped"))},
            count(*) FILTER (WHERE is_clamped AND weight_ungrouped > 0),
            min(lived_from), max(lived_to), CAST(coalesce(sum(weight), 0) AS BIGINT)
        FROM inside"""
    return Statement(sql, source.parameters.values, metric_columns(source.measures), source.lookups)


def source_of(query: Query, time_range: TimeRange, *, is_split: bool = True) -> Source:
    """What the question counts, and by what it groups; not by either side of a flow unless ``is_split``."""
    parameters = Parameters()
    found_keys = keys(query.by, parameters)
    if not is_split and any(key.is_either_side for key in found_keys):
        parameters, found_keys = Parameters(), ()
    since, until = bounds(time_range, parameters)
    found = measures(query.metrics)
    both = {key.column.name for key in found_keys} & {measure.name for measure in found}
    if both:
        raise QuestionError(
            f"{both.pop()!r} cannot be both grouped by and counted; leave it out of the metrics"
        )
    term = parse(query.filter).term
    return Source(term, since, until, found_keys, found, parameters, counts_once(query))


def order_names(found_keys: tuple[Key, ...], found: tuple[Measure, ...]) -> dict[str, str]:
    """What groups may be ordered by, with the SQL for it."""
    names = {key.column.name: f"k{index}" for index, key in enumerate(found_keys)}
    return names | {measure.name: f'"{measure.name}"' for measure in found}


def group_order(query: Query, names: dict[str, str], found: tuple[Measure, ...]) -> str:
    """The ORDER BY term of the question. Raises QuestionError when it names nothing in the answer."""
    default = "bytes" if "bytes" in names else found[0].name
    try:
        return ordered(names, query.order or default, frozenset(measure.name for measure in found))
    except KeyError:
        raise QuestionError(f"cannot order by {query.order!r}; the answer has {', '.join(names)}") from None


def key_names(found_keys: tuple[Key, ...]) -> str:
    """The inner names of the keys, in order."""
    return ", ".join(f"k{index}" for index in range(len(found_keys)))


def key_select(found_keys: tuple[Key, ...]) -> str:
    """The keys as the last SELECT gives them."""
    return ", ".join(rendered(f"k{index}", key.column.type) for index, key in enumerate(found_keys))


def metric_names(found: tuple[Measure, ...]) -> str:
    """The metrics, quoted, in order."""
    return ", ".join(f'"{measure.name}"' for measure in found)


def metric_columns(found: tuple[Measure, ...]) -> tuple[Column, ...]:
    """The columns of the metrics in an answer."""
    return tuple(Column(measure.name, "uint64", measure.unit) for measure in found)


def limit(top: int | None, default: int) -> str:
    """The LIMIT clause; 0 means all."""
    count = default if top is None else top
    if count < 0:
        raise QuestionError(f"a limit of {count} makes no sense; 0 means all")
    return f"LIMIT {count:d}" if count else ""


def _grouped_columns(source: Source) -> str:
    names = [f"k{index}" for index in range(len(source.keys))]
    return ", ".join([*names, *_sums(source)])


def _sums(source: Source, weight: str = "weight") -> list[str]:
    return [
        total(index, measure, share(f"m{index}", source.since, source.until), weight)
        for index, measure in enumerate(source.measures)
    ]
