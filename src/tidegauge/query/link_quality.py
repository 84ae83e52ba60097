"""Link quality: how fast and how cleanly packets get through, as far as flows tell.

Round trips and retransmissions are what exporters measured. Response times are worked out from the two flows
of one exchange at one exporter, whose clock cannot differ from itself. The answer came after the question's
first packet, which gives the longest time it can have taken; where the question was over before the answer
began, the time between is the shortest, else that is 0. Times told in whole milliseconds or seconds may each
be off by as much.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.fields import FIELDS
from tidegauge.query.grouping import Key
from tidegauge.query.measure import Measure
from tidegauge.query.openers import CLIENT_BY_PORT
from tidegauge.query.parser import parse
from tidegauge.query.predicate import column
from tidegauge.query.ranking import source_of
from tidegauge.query.rates import INTERFACES
from tidegauge.query.statement import Column, Statement
from tidegauge.query.syntax import conjunction
from tidegauge.query.traits import UNKNOWN, Traits

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query

PATIENCE = 10_000_000_000
"""Nanoseconds after which an answer is taken for one to something else."""

SHORT_EXCHANGES = parse("(proto tcp and flags S) or (proto udp and packets <= 3)").term
"""Flows that begin where a connection does: of a longer one, later parts begin when a timer says so."""

_TELLING = parse("tcp_rtt >= 0 or retransmits >= 0").term
"""Flows whose exporter measured something: often none, which the footers of their files tell."""

# How coarsely both times are told. A finer clock seldom shows two whole milliseconds by chance.
_QUANTUM = """\
CASE WHEN {0} % 1000000000 = 0 AND {1} % 1000000000 = 0 THEN 1000000000
     WHEN {0} % 1000000 = 0 AND {1} % 1000000 = 0 THEN 1000000 ELSE 0 END"""

_KEYS = (Column("exporter", "address"), Column("interface", "uint32"))
_GROUP = "CAST(k0 AS BLOB), k1"
_FIELD = {field.name: field for field in FIELDS}
_MEASURED = (
    Measure("rtt", "nanoseconds", "CASE WHEN tcp_rtt >= 0 THEN tcp_rtt END"),
    # What was lost before it was metered is seen once, late, when it is sent anew.
    Measure("retransmits", "packets", "retransmits + coalesce(late_fills, 0)"),
    Measure("packets", "packets", "CASE WHEN retransmits IS NOT NULL THEN packets END"),
)


def _key(name: str) -> Key:
    return Key(Column(name, _FIELD[name].type), column(_FIELD[name]), fields=(_FIELD[name],))


def _of_client(name: str, opposite: str) -> Key:
    return Key(Column(name, ""), f"CASE WHEN {CLIENT_BY_PORT} THEN {name} ELSE {opposite} END")


# k0 to k5 say which exchange, k6 and k7 where it passed, k8 which half of it this is.
_EXCHANGE = (
    _key("exporter"),
    _of_client("src_addr", "dst_addr"),
    _of_client("dst_addr", "src_addr"),
    _of_client("src_port", "dst_port"),
    _of_client("dst_port", "src_port"),
    _key("protocol"),
    _key("in_interface"),
    _key("out_interface"),
    Key(Column("is_question", "boolean"), CLIENT_BY_PORT),
    Key(Column("is_one_way", "boolean"), "reverse_bytes IS NULL AND reverse_packets IS NULL"),
)


def measured(query: Query, time_range: TimeRange, traits: Traits = UNKNOWN) -> Statement:
    """A row for each exporter and interface that flows tell round trips or retransmissions of."""
    plain = source_of(msgspec.structs.replace(query, by=INTERFACES, metrics=("bytes",)), time_range)
    term = conjunction([plain.term, _TELLING])
    source = replace(plain, term=term, measures=_MEASURED, traits=traits)
    sql = f"""
        WITH {source.inside()}
        SELECT {_GROUP}, count(m0), quantile_disc(m0, 0.5), quantile_disc(m0, 0.95),
            CAST(sum(m1) AS DOUBLE) / nullif(sum(m2), 0)
        FROM inside WHERE weight > 0 AND k1 <> 0 GROUP BY k0, k1"""
    columns = (
        Column("rtt_flows", "uint64", "flows"),
        Column("rtt_p50", "int64", "nanoseconds"),
        Column("rtt_p95", "int64", "nanoseconds"),
        Column("retransmit_share", "float64"),
    )
    return Statement(sql, source.parameters.values, (*_KEYS, *columns), source.lookups)


def responses(query: Query, time_range: TimeRange, one_in: int, traits: Traits = UNKNOWN) -> Statement:
    """A row for each exporter and interface: how long answers took, of every ``one_in``-th exchange.

    The true median lies between ``response_p50_low`` and ``response_p50_high``, the 95th percentile likewise.
    """
    plain = source_of(msgspec.structs.replace(query, by=(), metrics=("bytes",)), time_range)
    term = conjunction([plain.term, SHORT_EXCHANGES])
    source = replace(plain, term=term, keys=_EXCHANGE, measures=(), traits=traits)
    exchange = [f"k{index}" for index in range(6)]
    asked = [*exchange, "k6", "k7", "lived_from", "lived_to"]
    quantum = f"({_QUANTUM.format('min(answer.lived_from)', 'question.lived_from')})"
    same = " AND ".join(f"question.{name} = answer.{name}" for name in exchange)
    kept = ["k9", *([f"hash({', '.join(exchange)}) % {one_in:d} = 0"] if one_in > 1 else [])]
    sql = f"""
        WITH {source.inside()},
        half AS (SELECT * FROM inside WHERE {" AND ".join(kept)}),
        question AS (SELECT * FROM half WHERE k8),
        answer AS (SELECT * FROM half WHERE NOT k8),
        exchange AS (
            SELECT question.k0, question.k6, question.k7,
                min(answer.lived_from) - question.lived_from + {quantum} AS high,
                greatest(0, min(answer.lived_from) - question.lived_to - {quantum}) AS low
            FROM question JOIN answer ON {same} AND answer.lived_from >= question.lived_from
                AND answer.lived_from < question.lived_from + {PATIENCE}
            GROUP BY {", ".join(f"question.{name}" for name in asked)}),
        passed AS (
            SELECT k0, unnest(list_distinct([k6, k7])) AS k1, low, high FROM exchange)
        SELECT {_GROUP}, count(*),
            {", ".join(f"quantile_disc({end}, {q})" for q in (0.5, 0.95) for end in ("low", "high"))}
        FROM passed WHERE k1 <> 0 GROUP BY k0, k1"""
    times = [f"response_p{q}_{end}" for q in (50, 95) for end in ("low", "high")]
    columns = (
        Column("responses", "uint64", "exchanges"),
        *(Column(name, "int64", "nanoseconds") for name in times),
    )
    return Statement(sql, source.parameters.values, (*_KEYS, *columns), source.lookups)
