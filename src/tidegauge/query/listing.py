"""``flows``: the flows themselves, whole, with what of each fell into the range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.fields import FIELDS
from tidegauge.query.duplicates import COUNTED_ONCE
from tidegauge.query.error import QuestionError
from tidegauge.query.lookups import joined, lookups_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import column, predicate
from tidegauge.query.question import counts_once
from tidegauge.query.ranking import limit
from tidegauge.query.source import RAW_LIFE, bounds, lifetime, overlap
from tidegauge.query.spreading import share
from tidegauge.query.statement import Column, Statement, ordered, rendered
from tidegauge.query.syntax import Anything

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.flow.field import Field
    from tidegauge.query.question import Query

DEFAULT_LIMIT = 100

_COUNTED = frozenset(field.name for field in FIELDS if field.unit in ("bytes", "packets"))
_FALLING = _COUNTED | {"duration", "bytes_in_range"}
_TIES = (
    "received", "exporter", "observation_domain", "src_addr", "dst_addr", "src_port", "dst_port", "protocol",
    "bytes",
)  # fmt: skip


def listing(query: Query, time_range: TimeRange) -> Statement:
    """Every field of each flow and ``bytes_in_range``, by start unless the question says otherwise.

    Ties are broken by the fields that tell flows apart, so that the order is the same each time.
    Raises QuestionError.
    """
    parameters = Parameters()
    since, until = bounds(time_range, parameters)
    term = parse(query.filter).term
    where = predicate(term, parameters)
    fields = ", ".join(f'{rendered(column(field), field.type)} AS "{field.name}"' for field in FIELDS)
    cut = share("CAST(bytes AS UBIGINT)", since, until)
    order = f"{_order(query, cut)}, {', '.join(_TIES)}"
    # Chosen first and rendered after: otherwise every derived field is worked out for every flow of the lake.
    flows = COUNTED_ONCE if counts_once(query) else "flows"
    matching = f"(SELECT flows.*, {RAW_LIFE} FROM {joined(flows, lookups_of(term))} WHERE {where})"
    ordering = lookups_of(Anything(), _ordering(query))
    chosen = f"""
        (SELECT flows.*, {lifetime(parameters)} FROM {joined(matching, ordering)}
         WHERE {overlap(since, until)}
         ORDER BY {order} {limit(query.top, DEFAULT_LIMIT)})"""
    shown = lookups_of(term, FIELDS)
    sql = f"SELECT {fields}, {cut} AS bytes_in_range FROM {joined(chosen, shown)} ORDER BY {order}"
    columns = tuple(Column(field.name, field.type, field.unit) for field in FIELDS)
    columns = (*columns, Column("bytes_in_range", "uint64", "bytes"))
    return Statement(sql, parameters.values, columns, shown)


def _ordering(query: Query) -> tuple[Field, ...]:
    name = query.order.partition(":")[0]
    return tuple(field for field in FIELDS if field.name == name)


def _order(query: Query, cut: str) -> str:
    names = {field.name: column(field) for field in FIELDS if field.type != "elements"}
    names["bytes_in_range"] = cut
    try:
        return ordered(names, query.order or "start", _FALLING)
    except KeyError:
        raise QuestionError(f"cannot order flows by {query.order!r}; see: tidegauge fields") from None
