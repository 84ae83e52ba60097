"""Conversations: both directions of a traffic in one row, told from the client's side.

The client is the end that asks, as ``tidegauge.query.openers`` finds it out. ``src_…`` names the client and
``dst_…`` the server, whichever of them a record began with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.query import openers
from tidegauge.query.error import QuestionError
from tidegauge.query.grouping import Key, keys
from tidegauge.query.measure import Measure
from tidegauge.query.openers import CLIENT_IS_SOURCE
from tidegauge.query.ranking import key_select, limit, source_of
from tidegauge.query.spreading import share, total
from tidegauge.query.statement import Column, Statement, ordered
from tidegauge.query.vocabulary import field_or_pair

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.question import Query
    from tidegauge.query.source import Source

DEFAULT_BY = ("client", "server", "port", "protocol")
DEFAULT_LIMIT = 100
FIELD_OF_END = {"client": "src_addr", "server": "dst_addr", "port": "dst_port", "client_port": "src_port"}
"""What people call the ends of a conversation; each may be written for the field, lengths of networks too."""

_OPPOSITE = {"src_": "dst_", "dst_": "src_", "in_": "out_", "out_": "in_"}


def _toward(end: str, counter: str) -> Measure:
    condition = CLIENT_IS_SOURCE if end == "server" else f"NOT ({CLIENT_IS_SOURCE})"
    return Measure(f"{counter}_to_{end}", counter, f"CASE WHEN {condition} THEN {counter} ELSE 0 END")


_SUMMED = (
    Measure("bytes", "bytes", "bytes"),
    *(_toward(end, counter) for counter in ("bytes", "packets") for end in ("server", "client")),
    Measure("packets", "packets", "packets"),
    Measure("flows", "flows"),
)
# A clock that jumped during a handshake may have measured less than nothing, which says nothing.
_SEEN = (
    Measure("tcp_flags", "", "tcp_flags"),
    Measure("tcp_rtt", "nanoseconds", "CASE WHEN tcp_rtt >= 0 THEN tcp_rtt END"),
)
_COLUMNS = (
    *(Column(measure.name, "uint64", measure.unit) for measure in _SUMMED),
    Column("first_seen", "instant"),
    Column("last_seen", "instant"),
    Column("tcp_flags", "uint16"),
    Column("tcp_rtt", "int64", "nanoseconds"),
)
_FALLING = frozenset(measure.name for measure in _SUMMED)


def by_of(query: Query) -> tuple[str, ...]:
    """The fields a question about conversations groups by, under their own names."""
    return tuple(_field_words(words) for words in query.by or DEFAULT_BY)


def conversations(query: Query, time_range: TimeRange) -> Statement:
    """A row for each pair of ends, the most bytes first; flags are or-ed, ``tcp_rtt`` is the shortest.

    Counters are cut to the range. Raises QuestionError.
    """
    plain = source_of(msgspec.structs.replace(query, by=(), metrics=("bytes",)), time_range)
    source = replace(
        plain,
        keys=_turned(query.by or DEFAULT_BY, plain.parameters),
        measures=(*_SUMMED, *_SEEN),
        needs=(openers.RELATION,),
    )
    names = [f"k{index}" for index in range(len(source.keys))]
    order = _order(query, source)
    sql = f"""
        WITH {source.inside()},
        grouped AS (SELECT {", ".join([*names, *_aggregates(source)])} FROM inside GROUP BY ALL)
        SELECT {key_select(source.keys)}, {", ".join(f'"{column.name}"' for column in _COLUMNS)} FROM grouped
        ORDER BY {order}, {", ".join(names)} {limit(query.top, DEFAULT_LIMIT)}"""
    columns = (*(key.column for key in source.keys), *_COLUMNS)
    return Statement(sql, source.parameters.values, columns, source.lookups)


def _field_words(words: str) -> str:
    name, slash, lengths = words.strip().partition("/")
    return FIELD_OF_END.get(name, name) + slash + lengths


def _turned(by: tuple[str, ...], parameters: Parameters) -> tuple[Key, ...]:
    """Keys that say of the client what fields say of the source, of the server what of the destination."""
    straight = keys(tuple(_field_words(words) for words in by), parameters)
    opposite = keys(tuple(_opposite(_field_words(words)) for words in by), parameters)
    return tuple(_either_way(*pair) for pair in zip(by, straight, opposite, strict=True))


def _opposite(words: str) -> str:
    """The same field of the other end; itself where it is not about an end."""
    name, slash, lengths = words.partition("/")
    entry = field_or_pair(name)
    name = name if entry is None else entry.name
    for prefix, other in _OPPOSITE.items():
        if name.startswith(prefix) and field_or_pair(swapped := other + name.removeprefix(prefix)):
            return swapped + slash + lengths
    return words


def _either_way(words: str, straight: Key, opposite: Key) -> Key:
    if straight.is_either_side:
        raise QuestionError(
            f"{words!r} means either end of a conversation; name the client's (src_…) or the server's (dst_…)"
        )
    name = words.strip().partition("/")[0]
    column = replace(straight.column, name=name) if name in FIELD_OF_END else straight.column
    if straight.sql == opposite.sql:
        return replace(straight, column=column)
    sql = f"CASE WHEN {CLIENT_IS_SOURCE} THEN {straight.sql} ELSE {opposite.sql} END"
    if {field.name for field in straight.fields} == {"dst_port"}:
        sql = openers.of_question(sql)
    return Key(column, sql, fields=straight.fields + opposite.fields)


def _aggregates(source: Source) -> list[str]:
    begun = f"greatest(lived_from, {source.since})" if source.since else "lived_from"
    ended = f"least(lived_to, {source.until})" if source.until else "lived_to"
    summed = [
        total(index, measure, share(f"m{index}", source.since, source.until))
        for index, measure in enumerate(_SUMMED)
    ]
    flags, rtt = (f"m{len(_SUMMED) + index}" for index in range(len(_SEEN)))
    return [
        *summed,
        f"min({begun}) AS first_seen",
        f"max({ended}) AS last_seen",
        f"bit_or({flags}) AS tcp_flags",
        f"min({rtt}) AS tcp_rtt",
    ]


def _order(query: Query, source: Source) -> str:
    names = {key.column.name: f"k{index}" for index, key in enumerate(source.keys)}
    names |= {column.name: f'"{column.name}"' for column in _COLUMNS}
    try:
        return ordered(names, query.order or "bytes", _FALLING)
    except KeyError:
        raise QuestionError(
            f"cannot order conversations by {query.order!r}; the answer has {', '.join(names)}"
        ) from None
