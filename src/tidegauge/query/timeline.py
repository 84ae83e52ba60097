"""Timelines: what happened to one address, in order: its flows at each exporter, what it was told and called.

Each statement gives the earliest rows (or the latest) up to the limit, so that the first so many of all of
them together are the first so many of the timeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.addresses import BITS, uuid_text
from tidegauge.flow.field import Field
from tidegauge.flow.fields import FIELDS
from tidegauge.query.error import QuestionError
from tidegauge.query.having import having
from tidegauge.query.lookups import joined, lookups_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import column, predicate
from tidegauge.query.profile import own_addresses
from tidegauge.query.ranking import limit
from tidegauge.query.source import RAW_LIFE, bounds, lifetime, overlap
from tidegauge.query.statement import Column, Statement, rendered
from tidegauge.query.syntax import And, Match, Or

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.flow.addresses import Network
    from tidegauge.query.question import Query
    from tidegauge.query.syntax import Term

DEFAULT_LIMIT = 100
EPISODE_PAUSE = 120_000_000_000
"""Nanoseconds without a flow of one key after which it is another connection: two usual active timeouts."""

KINDS = ("name", "dns", "nat", "flow", "finding")
"""Of what happened at the same nanosecond, in this order: causes before their effects."""

_KIND = Field("kind", "text", "VARCHAR", "", "", (), (), "kind")
_FIELD = {field.name: field for field in FIELDS}
_TOLD = (
    "exporter", "src_addr", "dst_addr", "src_port", "dst_port", "protocol", "packets", "bytes", "clock_bound",
    "nat_src_addr", "nat_src_port", "nat_dst_addr", "nat_dst_port", "nat_event",
)  # fmt: skip
_NAMED = ("site", "service")
_KEY = "src_addr, dst_addr, src_port, dst_port, protocol"
# Both directions have the same, and so have events and flows: the ends here and on the other side.
_TRANSLATION = ", ".join(
    f"{pick}({src}, {dst})"
    for src, dst in (
        ("src_addr", "dst_addr"),
        ("src_port", "dst_port"),
        ("coalesce(nat_src_addr, src_addr)", "coalesce(nat_dst_addr, dst_addr)"),
        ("coalesce(nat_src_port, src_port)", "coalesce(nat_dst_port, dst_port)"),
    )
    for pick in ("least", "greatest")
)
_OF_ONE_TRANSLATION = f"PARTITION BY protocol, exporter, {_TRANSLATION}"


def subject_of(query: Query) -> Network:
    """The one address a timeline is about. Raises QuestionError where the filter names none, or several."""
    named = own_addresses(parse(query.filter).term)
    if len(named) != 1 or named[0].length != BITS:
        raise QuestionError("a timeline is about one address; name it in the filter: addr 10.0.0.1")
    return named[0]


def order_of_time(query: Query) -> str:
    """``ASC``, or ``DESC`` where the latest comes first. Raises QuestionError for another order."""
    if query.order not in ("", "time", "time:asc", "time:desc"):
        raise QuestionError(f"a timeline is ordered by time or time:desc, not by {query.order!r}")
    return "DESC" if query.order == "time:desc" else "ASC"


def kinds_told(query: Query) -> Statement:
    """The kinds of rows that the question's ``having`` lets by: ``kind = dns or kind = nat``."""
    parameters = Parameters()
    condition = having(query.having, {"kind": _KIND}, parameters) or "TRUE"
    kinds = ", ".join(f"('{kind}')" for kind in KINDS)
    sql = f"SELECT kind FROM (VALUES {kinds}) AS kinds(kind) WHERE {condition}"
    return Statement(sql, parameters.values, (Column("kind", "text"),))


def flows_in_order(query: Query, time_range: TimeRange) -> Statement:
    """Each flow record of the subject, by corrected start; also those that NAT gave its address.

    ``hop`` says at which of ``hops`` exporters it was seen: those that saw the same key without a pause,
    by who saw it first. ``is_translated`` marks the events of each translation, or where its exporter sends
    none, its first record.
    """
    parameters = Parameters()
    since, until = bounds(time_range, parameters)
    term = _with_translations(parse(query.filter).term)
    where, way = predicate(term, parameters), order_of_time(query)
    matching = f"(SELECT flows.*, {RAW_LIFE} FROM {joined('flows', lookups_of(term))} WHERE {where})"
    named = [_FIELD[name] for name in _NAMED]
    shown = lookups_of(term, named)
    fields = [*(rendered(f'"{name}"', _FIELD[name].type) for name in _TOLD), *(column(f) for f in named)]
    ties = f"{_KEY}, exporter, bytes"
    sql = f"""
        WITH lived AS (SELECT *, {lifetime(parameters)} FROM {matching}),
        inside AS (SELECT * FROM lived WHERE {overlap(since, until)}),
        paused AS (
            SELECT *, lived_from - max(lived_to) OVER (
                PARTITION BY {_KEY} ORDER BY lived_from, exporter
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > {EPISODE_PAUSE} AS is_anew FROM inside),
        numbered AS (
            SELECT *, count(*) FILTER (WHERE is_anew) OVER (
                PARTITION BY {_KEY} ORDER BY lived_from, exporter ROWS UNBOUNDED PRECEDING) AS episode
            FROM paused),
        first AS (
            SELECT *, min(lived_from) OVER (PARTITION BY {_KEY}, episode, exporter) AS first_here
            FROM numbered),
        hopping AS (
            SELECT *, dense_rank() OVER (PARTITION BY {_KEY}, episode ORDER BY first_here, exporter) AS hop,
                coalesce(nat_src_addr, nat_dst_addr) IS NOT NULL AND (nat_event IS NOT NULL
                    OR row_number() OVER ({_OF_ONE_TRANSLATION} ORDER BY lived_from) = 1
                    AND count(nat_event) OVER ({_OF_ONE_TRANSLATION}) = 0) AS is_translated
            FROM first),
        chosen AS (
            SELECT *, max(hop) OVER (PARTITION BY {_KEY}, episode) AS hops FROM hopping
            ORDER BY lived_from {way}, {ties} {limit(query.top, DEFAULT_LIMIT)})
        SELECT lived_from, lived_to, {", ".join(fields)}, hop, hops, is_translated
        FROM {joined("chosen", shown)}
        ORDER BY lived_from {way}, {ties}"""
    columns = (
        Column("time", "instant"),
        Column("end", "instant"),
        *(Column(name, _FIELD[name].type, _FIELD[name].unit) for name in (*_TOLD, *_NAMED)),
        Column("hop", "uint32"),
        Column("hops", "uint32"),
        Column("is_translated", "boolean"),
    )
    return Statement(sql, parameters.values, columns, shown)


def names_in_order(query: Query, time_range: TimeRange, address: bytes) -> Statement:
    """When somebody or something began to hold the address (16 bytes), or ceased to."""
    parameters = Parameters()
    within, way = _within("time", time_range, parameters), order_of_time(query)
    own = f"CAST({parameters.add(uuid_text(int.from_bytes(address, 'big')))} AS UUID)"
    sql = f"""
        WITH held AS (SELECT * FROM holders WHERE address = {own}),
        changed AS (
            SELECT since AS time, TRUE AS is_begin, person, machine, source FROM held
            UNION ALL
            SELECT until, FALSE, person, machine, source FROM held
            WHERE until NOT IN (SELECT since FROM held))
        SELECT time, is_begin, person, machine, source FROM changed WHERE {within}
        ORDER BY time {way}, is_begin, person, machine {limit(query.top, DEFAULT_LIMIT)}"""
    names = ("person", "machine", "source")
    columns = (Column("time", "instant"), Column("is_begin", "boolean"), *(Column(n, "text") for n in names))
    return Statement(sql, parameters.values, columns, ("src_holder",))


def answers_in_order(query: Query, time_range: TimeRange, address: bytes) -> Statement:
    """What the DNS told the address (16 bytes), and told others about it; asks the relation ``bindings``."""
    parameters = Parameters()
    within, way = _within("since", time_range, parameters), order_of_time(query)
    own = f"CAST({parameters.add(uuid_text(int.from_bytes(address, 'big')))} AS UUID)"
    sql = f"""
        SELECT DISTINCT since, CAST(client AS BLOB), CAST(address AS BLOB), name, source FROM bindings
        WHERE kind = 'site' AND client IS NOT NULL AND {within}
            AND (client = {own} OR address = {own})
        ORDER BY since {way}, 2, 3, name, source {limit(query.top, DEFAULT_LIMIT)}"""
    columns = (
        Column("time", "instant"),
        Column("client", "address"),
        Column("address", "address"),
        Column("name", "text"),
        Column("source", "text"),
    )
    return Statement(sql, parameters.values, columns)


def _within(instant: str, time_range: TimeRange, parameters: Parameters) -> str:
    since, until = bounds(time_range, parameters)
    # Whoever always held the address, or always will, makes no event.
    conditions = [f"{instant} > {-(2**62)}", f"{instant} < {2**62}"]
    conditions += [f"{instant} >= {since}"] * bool(since) + [f"{instant} < {until}"] * bool(until)
    return " AND ".join(conditions)


def _with_translations(term: Term) -> Term:
    """The same filter, in which an address also means the one that NAT put in its place."""
    if isinstance(term, Match) and term.field == "addr" and term.operator == "=":
        return Or((term, Match("nat_addr", "=", term.values)))
    if isinstance(term, And):
        return And(tuple(_with_translations(each) for each in term.terms))
    return term
