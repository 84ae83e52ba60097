"""``flows``: the flows themselves, whole, with what of each fell into the range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import uuid_text
from tidegauge.flow.fields import FIELDS
from tidegauge.query.alternatives import branches
from tidegauge.query.direction import with_direction
from tidegauge.query.duplicates import counted_once
from tidegauge.query.error import QuestionError
from tidegauge.query.lookups import joined, lookups_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import column, predicate
from tidegauge.query.question import counts_once
from tidegauge.query.ranking import limit
from tidegauge.query.source import RAW_LIFE, bounds, lifetime, overlap
from tidegauge.query.spreading import share
from tidegauge.query.statement import Column, Statement, order_of, rendered
from tidegauge.query.syntax import Anything

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.flow.field import Field
    from tidegauge.query.page import Place, PlaceValue
    from tidegauge.query.question import Query

DEFAULT_LIMIT = 100

_FIELD = {field.name: field for field in FIELDS}
_COUNTED = frozenset(field.name for field in FIELDS if field.unit in ("bytes", "packets"))
_IN_RANGE = "bytes_in_range"
_FALLING = _COUNTED | {"duration", _IN_RANGE}
_TIES = (
    "received", "exporter", "observation_domain", "src_addr", "dst_addr", "src_port", "dst_port", "protocol",
    "bytes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rank:
    """One thing flows are ordered by: SQL, the types of its values, and whether the largest comes first."""

    sql: str
    type: str
    sql_type: str
    is_falling: bool = False

    @property
    def order(self) -> str:
        """The ORDER BY term."""
        return f"{self.sql} {'DESC' if self.is_falling else 'ASC'} NULLS LAST"

    def literal(self, value: PlaceValue, parameters: Parameters) -> str:
        """A value that a place holds, as SQL."""
        if self.type == "instant":
            return f"CAST(make_timestamp_ns({parameters.add(value)}) AS TIMESTAMPTZ_NS)"
        if self.type == "address" and isinstance(value, str):
            return f"CAST({parameters.add(uuid_text(int(value, 16)))} AS UUID)"
        if self.type == "mac" and isinstance(value, str):
            return f"CAST({parameters.add(bytes.fromhex(value))} AS BLOB)"
        return f"CAST({parameters.add(value)} AS {self.sql_type})"


@dataclass(frozen=True, slots=True)
class _Conditions:
    """Which flows can be on a page: those from ``place`` on, up to ``last`` in the field of the order."""

    place: Place | None
    last: PlaceValue | bytes

    def sql(self, found: tuple[Rank, ...], parameters: Parameters) -> str:
        conditions = [after(found, self.place, parameters)] if self.place else []
        if self.last is not None:
            value = self.last.hex() if isinstance(self.last, bytes) else self.last
            sign = ">=" if found[0].is_falling else "<="
            conditions.append(f"{found[0].sql} {sign} {found[0].literal(value, parameters)}")
        return "".join(f" AND {condition}" for condition in conditions)


def listing(query: Query, time_range: TimeRange) -> Statement:
    """Every field of each flow and ``bytes_in_range``, by start unless the question says otherwise.

    Ties are broken by the fields that tell flows apart, so that the order is the same each time.
    Raises QuestionError.
    """
    return _listing(query, time_range, limit(query.top, DEFAULT_LIMIT))


def page(
    query: Query, time_range: TimeRange, place: Place | None = None, last: PlaceValue | bytes = None
) -> Statement:
    """As ``listing``, from ``place`` on, one flow more than asked for, each row with its place at the end.

    ``last`` is what ``page_end`` gave, so that only flows that can be on the page are looked at as a whole.
    """
    rows = limit(query.top, DEFAULT_LIMIT) and limit((query.top or DEFAULT_LIMIT) + 1, 0)
    return _listing(query, time_range, rows, _Conditions(place, last))


def page_end(query: Query, time_range: TimeRange, place: Place | None = None) -> Statement:
    """What the last flow of a page has in the field of the order; no row where the page is not filled."""
    parameters = Parameters()
    since, until = bounds(time_range, parameters)
    found = ranks(query, since, until)
    chosen = chosen_flows(query, (since, until), parameters, [f"{found[0].sql} AS ranked"])
    begin = f"AND {after(found, place, parameters)}" if place else ""
    offset = (query.top or DEFAULT_LIMIT) + (place.shown if place else 0)
    sql = f"""
        SELECT {rendered("ranked", found[0].type)} FROM ({chosen} {begin})
        ORDER BY ranked {"DESC" if found[0].is_falling else "ASC"} NULLS LAST LIMIT 1 OFFSET {offset:d}"""
    return Statement(sql, parameters.values, (), lookups_of(parse(query.filter).term, FIELDS))


def ranks(query: Query, since: str, until: str) -> tuple[Rank, ...]:
    """What flows are ordered by: the field of the question, those that break ties, the whole flow."""
    try:
        name, is_falling = order_of(query.order or "start", _FALLING)
        first = Rank(cut(since, until), "uint64", "UBIGINT") if name == _IN_RANGE else _rank(_FIELD[name])
    except KeyError:
        raise QuestionError(f"cannot order flows by {query.order!r}; see: tidegauge fields") from None
    if first.type == "elements":
        raise QuestionError(f"cannot order flows by {query.order!r}, which is a list of elements")
    first = Rank(first.sql, first.type, first.sql_type, is_falling)
    return (first, *(_rank(_FIELD[name]) for name in _TIES), Rank("hash(flows)", "uint64", "UBIGINT"))


def after(found: tuple[Rank, ...], place: Place, parameters: Parameters) -> str:
    """The condition that a flow comes at ``place`` or after it."""
    if len(found) != len(place.values):
        raise QuestionError("the cursor belongs to another question; ask again without it")
    *former, (last, value) = zip(found, place.values, strict=True)
    condition = f"{last.sql} >= {last.literal(value, parameters)}"
    for rank, value in reversed(former):
        if value is None:
            condition = f"({rank.sql} IS NULL AND {condition})"
            continue
        literal = rank.literal(value, parameters)
        later = f"{rank.sql} {'<' if rank.is_falling else '>'} {literal} OR {rank.sql} IS NULL"
        condition = f"({later} OR ({rank.sql} = {literal} AND {condition}))"
    return condition


def _listing(
    query: Query, time_range: TimeRange, rows: str, conditions: _Conditions | None = None
) -> Statement:
    """One flow a row; with ``conditions`` a page of them, each with its place."""
    parameters = Parameters()
    since, until = bounds(time_range, parameters)
    found = ranks(query, since, until)
    # Who does not turn pages need not have every column of every flow hashed.
    used = found if conditions else found[:-1]
    places = [f"{rendered(rank.sql, rank.type)} AS place_{number}" for number, rank in enumerate(used)]
    chosen = chosen_flows(query, (since, until), parameters, ["flows.*", *(places if conditions else [])])
    limits = conditions.sql(found, parameters) if conditions else ""
    offset = f"OFFSET {conditions.place.shown:d}" if conditions and conditions.place else ""
    order = ", ".join(rank.order for rank in used)
    fields = [f'{rendered(column(field), field.type)} AS "{field.name}"' for field in FIELDS]
    fields.append(f"{cut(since, until)} AS {_IN_RANGE}")
    at_last = [rank.order for rank in found[:-1]]
    if conditions:
        names = [f"place_{number}" for number in range(len(used))]
        fields, at_last = [*fields, *names], [*at_last, names[-1]]
    shown = lookups_of(parse(query.filter).term, FIELDS)
    sql = f"""
        SELECT {", ".join(fields)}
        FROM {joined(f"({chosen} {limits} ORDER BY {order} {rows} {offset})", shown)}
        ORDER BY {", ".join(at_last)}"""
    columns = (
        *(Column(field.name, field.type, field.unit) for field in FIELDS),
        Column(_IN_RANGE, "uint64", "bytes"),
    )
    return Statement(sql, parameters.values, columns, shown)


def chosen_flows(query: Query, ends: tuple[str, str], parameters: Parameters, columns: list[str]) -> str:
    """A SELECT of the flows the question is about, to which more conditions may be added.

    Chosen first and rendered after: otherwise every derived field is worked out for every flow of the lake.
    """
    term = parse(query.filter).term
    flows = joined(counted_once() if counts_once(query) else "flows", lookups_of(term))
    conditions = (with_direction(predicate(each, parameters), query.direction) for each in branches(term))
    # A SELECT for each branch of the filter: either side of a flow in one condition skips no block.
    matching = " UNION ALL ".join(
        f"SELECT flows.*, {RAW_LIFE} FROM {flows} WHERE {where}" for where in conditions
    )
    ordering = lookups_of(Anything(), _ordering(query))
    return f"""
        SELECT {", ".join([lifetime(parameters), *columns])} FROM {joined(f"({matching})", ordering)}
        WHERE {overlap(*ends)}"""


def _rank(field: Field) -> Rank:
    return Rank(column(field), field.type, field.sql_type)


def _ordering(query: Query) -> tuple[Field, ...]:
    name = query.order.partition(":")[0]
    return tuple(field for field in FIELDS if field.name == name)


def cut(since: str, until: str) -> str:
    """The bytes of a flow that fall into the range."""
    return share("CAST(bytes AS UBIGINT)", since, until)
