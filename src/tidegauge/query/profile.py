"""Profiles: what is known of one person, machine or address, gathered in one walk through its flows.

The subject's own end of a flow is the address the filter names, else the near end. What it asked for and
what it answered to are told apart as in conversations.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.addresses import Network, uuid_text
from tidegauge.flow.fields import FIELDS
from tidegauge.query.grouping import Key
from tidegauge.query.measure import measures
from tidegauge.query.openers import CLIENT_BY_PORT
from tidegauge.query.ranking import DEFAULT_TOP, limit, source_of
from tidegauge.query.spreading import began, ended, share
from tidegauge.query.statement import Column, Statement
from tidegauge.query.syntax import And, Match
from tidegauge.query.traits import UNKNOWN, Traits
from tidegauge.query.vocabulary import field_or_pair

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.question import Query
    from tidegauge.query.source import Source
    from tidegauge.query.syntax import Term

METRICS = ("bytes", "bytes_up", "bytes_down")
COLUMNS = (
    Column("section", "text"),
    Column("name", "text"),
    Column("address", "address"),
    Column("detail", "text"),
    Column("since", "instant"),
    Column("until", "instant"),
    Column("bytes", "uint64", "bytes"),
    Column("bytes_up", "uint64", "bytes"),
    Column("bytes_down", "uint64", "bytes"),
    Column("flows", "uint64", "flows"),
)
SECTIONS = ("identity", "addresses", "services", "categories", "sites", "peers", "ports", "activity")
"""What a profile is made of, in the order in which it is told."""

_FIELD = {field.name: field for field in FIELDS}
_NEAR_IS_SOURCE = "near_is_source(src_addr, dst_addr, src_port, dst_port)"
_ADDRESSES = ("addr", "src_addr", "dst_addr")

# A reset or an unreachable port answers too, but offers nothing.
_IS_OFFERED = "(protocol <> 6 OR tcp_flags IS NULL OR tcp_flags & 4 = 0 OR bytes > packets * 60)"
_PORT = """CASE protocol WHEN 6 THEN 'tcp/' WHEN 17 THEN 'udp/' WHEN 132 THEN 'sctp/' END || {}"""

# name, address, detail: SQL over the keys of ``_source``.
_PARTS = {
    "addresses": ("min(k6)", "k0", "min(k7)", "k0"),
    "services": ("k2", "NULL", "min(k3)", "k2"),
    "categories": ("k3", "NULL", "NULL", "k3"),
    "sites": ("k4", "NULL", "min(k2)", "k4"),
    "peers": ("min(k4)", "k1", "min(k2)", "k1"),
    "ports": ("k5", "NULL", "NULL", "k5"),
}


def profile(query: Query, time_range: TimeRange, traits: Traits = UNKNOWN) -> Statement:
    """Rows of ``COLUMNS`` in sections, the most bytes first; ``query.top`` of each. Raises QuestionError."""
    source = _source(query, time_range, traits)
    parts = " UNION ALL ".join(
        _part(section, *expressions, limit(query.top, DEFAULT_TOP)) for section, expressions in _PARTS.items()
    )
    order = " ".join(f"WHEN '{section}' THEN {place}" for place, section in enumerate(SECTIONS))
    sql = f"""
        WITH {source.inside()}, cut AS MATERIALIZED ({_cut(source)})
        SELECT section, name, CAST(address AS BLOB), detail, since, until, bytes, bytes_up, bytes_down,
            "flows"
        FROM ({parts})
        ORDER BY CASE section {order} END, bytes DESC NULLS LAST, name, address"""
    return Statement(sql, source.parameters.values, COLUMNS, source.lookups)


def own_addresses(term: Term) -> tuple[Network, ...]:
    """The addresses a filter is about, none where it is about people or machines.

    >>> from tidegauge.query.parser import parse
    >>> [str(network) for network in own_addresses(parse("addr 10.0.0.1 and port 443").term)]
    ['10.0.0.1']
    """
    terms = term.terms if isinstance(term, And) else (term,)
    for each in terms:
        if isinstance(each, Match) and each.operator == "=":
            entry = field_or_pair(each.field)
            if entry is not None and entry.name in _ADDRESSES:
                return tuple(value for value in each.values if isinstance(value, Network))
    return ()


def _source(query: Query, time_range: TimeRange, traits: Traits) -> Source:
    named = [_FIELD[name] for name in ("service", "category", "site", "machine", "user")]
    counted = msgspec.structs.replace(query, by=(), metrics=("bytes",))
    plain = source_of(counted, time_range, traits, named)
    own = _own_is_source(plain.term, plain.parameters)
    service, category, site, machine, user = map(plain.key, named)
    answers = f"{own} IS DISTINCT FROM {CLIENT_BY_PORT}"
    port = f"CASE WHEN {answers} AND ({own}) AND {_IS_OFFERED} THEN {_PORT.format('src_port')} END"
    keys = (
        Key(Column("own", "address"), f"CASE WHEN {own} THEN src_addr ELSE dst_addr END"),
        Key(Column("peer", "address"), f"CASE WHEN {own} THEN dst_addr ELSE src_addr END"),
        service,
        category,
        site,
        Key(Column("port", "text"), port),
        machine,
        user,
    )
    return replace(plain, keys=keys, measures=measures(METRICS))


def _own_is_source(term: Term, parameters: Parameters) -> str:
    ranges = [
        f"src_addr BETWEEN CAST({parameters.add(uuid_text(network.first))} AS UUID) "
        f"AND CAST({parameters.add(uuid_text(network.last))} AS UUID)"
        for network in own_addresses(term)
    ]
    return f"({' OR '.join(ranges)})" if ranges else _NEAR_IS_SOURCE


def _cut(source: Source) -> str:
    begun, over = began(source.since), ended(source.until)
    names = [f"k{index}" for index in range(len(source.keys))]
    counted = [
        f"{share(f'm{index}', source.since, source.until)} AS {name}" for index, name in enumerate(METRICS)
    ]
    selected = [*names, *counted, "weight_ungrouped", f"{begun} AS begun", f"{over} AS ended"]
    return f"SELECT {', '.join(selected)} FROM inside"


def _part(section: str, name: str, address: str, detail: str, group: str, count: str) -> str:
    sums = ", ".join(f"CAST(sum({metric}) AS HUGEINT) AS {metric}" for metric in METRICS)
    return f"""
        (SELECT '{section}' AS section, CAST({name} AS VARCHAR) AS name, CAST({address} AS UUID) AS address,
            CAST({detail} AS VARCHAR) AS detail, min(begun) AS since, max(ended) AS until, {sums},
            CAST(sum(weight_ungrouped) AS BIGINT) AS "flows"
        FROM cut WHERE {group} IS NOT NULL GROUP BY {group}
        ORDER BY sum(bytes) DESC NULLS LAST, {group} {count})"""
