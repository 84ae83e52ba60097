"""``top``: the groups with the most of something, and what all groups come to together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError
from tidegauge.query.grouping import Key, keys
from tidegauge.query.groups import Groups, with_earlier
from tidegauge.query.having import having, key_field, metric_field
from tidegauge.query.lookups import fields_of
from tidegauge.query.measure import BEFORE, Measure, before, measures
from tidegauge.query.named import is_worth_naming, known
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.question import chosen_step, counts_once
from tidegauge.query.rolled import RELATION as ROLLED
from tidegauge.query.rolled import with_rolled
from tidegauge.query.source import Source, bounds
from tidegauge.query.statement import Column, Statement, ordered, rendered
from tidegauge.query.traits import UNKNOWN, Traits
from tidegauge.query.vocabulary import field_or_pair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.flow.field import Field
    from tidegauge.query.question import Query

DEFAULT_TOP = 10

_CLAMPED = "count(*) FILTER (WHERE is_clamped AND weight_ungrouped > 0)"
_EXTENT = (_CLAMPED, "min(lived_from)", "max(lived_to)")
_ONCE = "CAST(sum(weight_ungrouped) AS BIGINT) AS once"


def ranking(query: Query, time_range: TimeRange, earlier: TimeRange | None = None) -> Statement:
    """The largest groups, ties by key ascending. Raises QuestionError.

    With ``earlier`` each metric is followed by what the same group came to in that range; the name ends
    with ``BEFORE``.
    """
    source = _grouped_source(query, time_range)
    sql = f"""
        WITH {_relations(query, source, earlier)}
        SELECT {key_select(source.keys)}, {metric_names(_answered(source, earlier))}
        FROM shown ORDER BY {_order(query, source, earlier)}"""
    return _statement(source, earlier, sql)


def ranking_with_whole(
    query: Query,
    time_range: TimeRange,
    earlier: TimeRange | None = None,
    traits: Traits = UNKNOWN,
    *,
    is_rolled: bool = False,
) -> Statement:
    """As ``ranking``, and one row more at the end, for all groups together.

    Each row ends with columns that only the last one fills: how many groups there are, how many flows were
    clamped, and how many there are now and earlier. There are more flows in the groups where the two
    directions of a record belong to different ones. Metrics that do not add up are null in the last row.
    In a range with an open side the clamped are left to ``extent``. Where the question ``is_rolled``, the
    groups of the relation ``rolled`` are added, and only of these are the clamped told in such a range.
    """
    source = _grouped_source(query, time_range, traits)
    answered = _answered(source, earlier)
    columns = [*_names(source), *(f'"{each.name}"' for each in answered)]
    is_clamping = not traits.is_short and None not in (time_range.since, time_range.until)
    counted = [_ONCE if traits.has_reverse else "count(*) AS once"]
    if is_clamping or is_rolled:
        counted.append(f"{_CLAMPED if is_clamping else 0} AS clamped")
    beside = ["count(*)", "sum(clamped)" if is_clamping or is_rolled else "0", "sum(once)"]
    beside.append("(SELECT sum(once) FROM earlier)" if earlier else "NULL")
    nothing = [f"NULL AS b{number}" for number in range(len(beside))]
    whole = ["NULL"] * len(source.keys) + [_of_all(measure) for measure in answered]
    sql = f"""
        WITH {_relations(query, source, earlier, *counted, is_rolled=is_rolled)},
            rows_and_whole AS (
                SELECT {", ".join([*columns, *nothing])}, FALSE AS is_whole FROM shown
                UNION ALL
                SELECT {", ".join([*whole, *beside])}, TRUE FROM grouped)
        SELECT {key_select(source.keys)}, {metric_names(answered)}, {_numbered(len(nothing))}
        FROM rows_and_whole ORDER BY is_whole, {_order(query, source, earlier)}"""
    return _statement(source, earlier, sql)


def totals(
    query: Query, time_range: TimeRange, traits: Traits = UNKNOWN, *, is_rolled: bool = False
) -> Statement:
    """One row: what everything comes to, then what must be known beside it.

    That is how many flows were clamped, the first start, the last end, and how many flows all groups
    have together. The last is more than there are flows where the two directions of a record belong to
    different groups. ``columns`` are the metrics alone. Groups of either side of a flow overlap and
    are left out of account. Where the question ``is_rolled``, what ``rolled`` holds is counted as well, but
    nothing is known of its starts and ends.
    """
    source = source_of(query, time_range, traits, is_split=False)
    beside = [*_EXTENT, "CAST(coalesce(sum(weight), 0) AS BIGINT)"]
    named = [f"{sql} AS b{number}" for number, sql in enumerate(beside)]
    whole = Groups((), source, step=chosen_step(query), weight="weight_ungrouped").select("inside", *named)
    if is_rolled:
        sums = ", ".join(f'sum("{measure.name}") AS "{measure.name}"' for measure in source.measures)
        whole = f"""
            SELECT {sums}, sum(b0) AS b0, min(b1) AS b1, max(b2) AS b2, sum(b3) AS b3 FROM (
                ({whole}) UNION ALL BY NAME
                (SELECT {sums}, sum(clamped) AS b0, sum(flows) AS b3 FROM {ROLLED}))"""
    sql = f"""
        WITH {source.inside()}
        SELECT {metric_names(source.measures)}, {_numbered(len(beside))}
        FROM ({whole})"""
    return Statement(sql, source.parameters.values, metric_columns(source.measures), source.lookups)


def extent(query: Query, time_range: TimeRange, traits: Traits = UNKNOWN) -> Statement:
    """One row: how many flows were clamped, the first start and the last end.

    Apart from the metrics, because that reads two columns more, and to carry them through the groups costs
    as much as the groups.
    """
    source = _uncounted(query, time_range, traits)
    sql = f"WITH {source.inside()} SELECT {', '.join(_EXTENT)} FROM inside"
    return Statement(sql, source.parameters.values, (), source.lookups)


def reported_extent(query: Query, traits: Traits = UNKNOWN) -> Statement:
    """One row for a question without a range: the first start and the last end as reported.

    Then whether a flow ended before it started, and nearly how long the longest lived. Where these are
    as they should be, that is the ``extent`` for a third of the work.
    """
    source = _uncounted(query, TimeRange(), traits)
    odd, longest = "bool_or(raw_end < raw_start)", "max(CAST(raw_end AS DOUBLE) - raw_start)"
    sql = f"WITH {source.inside()} SELECT min(raw_start), max(raw_end), {odd}, {longest} FROM inside"
    return Statement(sql, source.parameters.values, (), source.lookups)


def source_of(
    query: Query,
    time_range: TimeRange,
    traits: Traits = UNKNOWN,
    beside: Iterable[Field] = (),
    *,
    is_split: bool = True,
) -> Source:
    """What the question counts, and by what it groups; not by either side of a flow unless ``is_split``.

    ``beside`` are fields that will be asked for as well.
    """
    term, is_named = parse(query.filter).term, False
    if traits.may_be_named:
        keyed = (field for key in keys(query.by, Parameters()) for field in key.fields)
        counted = (measure.field for measure in measures(query.metrics) if measure.field)
        is_named = is_worth_naming((*fields_of(term), *keyed, *counted, *beside))
    parameters = Parameters()
    found_keys = keys(query.by, parameters, known if is_named else field_or_pair)
    if not is_split and any(key.is_either_side for key in found_keys):
        parameters, found_keys = Parameters(), ()
    since, until = bounds(time_range, parameters)
    found = measures(query.metrics)
    both = {key.column.name for key in found_keys} & {measure.name for measure in found}
    if both:
        raise QuestionError(
            f"{both.pop()!r} cannot be both grouped by and counted; leave it out of the metrics"
        )
    once = counts_once(query)
    return Source(
        term,
        since,
        until,
        found_keys,
        found,
        parameters,
        once,
        query.direction,
        traits=traits,
        is_named=is_named,
    )


def order_names(found_keys: tuple[Key, ...], found: tuple[Measure, ...]) -> dict[str, str]:
    """What groups may be ordered by, with the SQL for it."""
    names = {key.column.name: f"k{index}" for index, key in enumerate(found_keys)}
    return names | {measure.name: f'"{measure.name}"' for measure in found if measure.kind != "share"}


def group_order(query: Query, names: dict[str, str], found: tuple[Measure, ...]) -> str:
    """The ORDER BY term of the question. Raises QuestionError when it names nothing in the answer."""
    default = "bytes" if "bytes" in names else next((each.name for each in found if each.name in names), "")
    try:
        return ordered(names, query.order or default, frozenset(measure.name for measure in found))
    except KeyError:
        raise QuestionError(f"cannot order by {query.order!r}; the answer has {', '.join(names)}") from None


def rolled_keys(source: Source) -> dict[str, str]:
    """The inner names of the keys, with the SQL of each over the relation ``rolled``."""
    return {name: key.sql for name, key in zip(_names(source), source.keys, strict=True)}


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
    return tuple(Column(measure.name, measure.type, measure.unit) for measure in found)


def limit(top: int | None, default: int) -> str:
    """The LIMIT clause; 0 means all."""
    count = default if top is None else top
    if count < 0:
        raise QuestionError(f"a limit of {count} makes no sense; 0 means all")
    return f"LIMIT {count:d}" if count else ""


def _uncounted(query: Query, time_range: TimeRange, traits: Traits) -> Source:
    """The flows of a question, without what is counted of them and by what."""
    plain = msgspec.structs.replace(query, by=(), metrics=("flows",))
    return replace(source_of(plain, time_range, traits), measures=())


def _grouped_source(query: Query, time_range: TimeRange, traits: Traits = UNKNOWN) -> Source:
    if not query.by:
        raise QuestionError("name at least one field to group by, such as src_addr")
    return source_of(query, time_range, traits)


def _relations(
    query: Query, source: Source, earlier: TimeRange | None, *more: str, is_rolled: bool = False
) -> str:
    """The relations ``grouped``, ``earlier`` where there is one, and ``shown``, the groups of the answer."""
    counted = _select(query, source, *more)
    if is_rolled:
        counted = with_rolled(counted, rolled_keys(source), source.measures, "once", "clamped")
    found, compared = f"grouped AS ({counted})", "grouped"
    if earlier:
        since, until = bounds(earlier, source.parameters)
        then = replace(source, since=since, until=until)
        found += f", earlier AS ({_select(query, then, *more)})"
        compared = f"({with_earlier(source.measures, _names(source))})"
    condition = having(query.having, _columns(source, earlier), source.parameters)
    where = f"WHERE {condition}" if condition else ""
    order = _order(query, source, earlier)
    return f"""{found},
            shown AS (SELECT * FROM {compared} {where} ORDER BY {order} {limit(query.top, DEFAULT_TOP)})"""


def _select(query: Query, source: Source, *more: str) -> str:
    groups = Groups(_names(source), source, step=chosen_step(query))
    return f"WITH {source.inside()} {groups.select('inside', *more)}"


def _names(source: Source) -> list[str]:
    return [f"k{index}" for index in range(len(source.keys))]


def _numbered(count: int) -> str:
    return ", ".join(f"b{number}" for number in range(count))


def _columns(source: Source, earlier: TimeRange | None) -> dict[str, Field]:
    found = {key.column.name: key_field(key, f"k{index}") for index, key in enumerate(source.keys)}
    answered = _answered(source, earlier)
    return found | {each.name: metric_field(each) for each in answered if each.kind != "share"}


def _answered(source: Source, earlier: TimeRange | None) -> tuple[Measure, ...]:
    return (*source.measures, *before(source.measures)) if earlier else source.measures


def _order(query: Query, source: Source, earlier: TimeRange | None) -> str:
    answered = _answered(source, earlier)
    names = order_names(source.keys, answered)
    return ", ".join([group_order(query, names, answered), *(f"{name} ASC" for name in _names(source))])


def _of_all(measure: Measure) -> str:
    if not measure.is_additive:
        return "NULL"
    name = measure.name.removesuffix(BEFORE)
    return f'sum("{name}")' if name == measure.name else f'(SELECT sum("{name}") FROM earlier)'


def _statement(source: Source, earlier: TimeRange | None, sql: str) -> Statement:
    columns = (*(key.column for key in source.keys), *metric_columns(_answered(source, earlier)))
    return Statement(sql, source.parameters.values, columns, source.lookups)
