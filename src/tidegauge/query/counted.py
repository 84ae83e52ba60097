"""What interfaces counted themselves, by minute, beside what flows say of the same minutes.

Counters are running totals: what passed between two readings is their difference. It is spread evenly over
the time between them, as a flow's bytes are over its life. Nothing is known, and nothing guessed, of a
time in which the counters began anew, in which one of 32 bits could have gone round more than once at the
interface's speed, or that lies between readings more than an hour apart.

Flows and counters are compared over whole minutes that both know: those the counters cover from begin to
end, and whose flows an exporter has had the time to export.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import Network, uuid_text
from tidegauge.query.spreading import share
from tidegauge.query.statement import Column
from tidegauge.query.syntax import And, Anything, Match, Span

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.rates import Steps
    from tidegauge.query.syntax import Term

LONGEST_GAP = 3600 * 1_000_000_000
LONGEST_EXPORT = 1800 * 1_000_000_000
"""Nanoseconds that a flow still under way may be kept by its exporter: the longest usual active timeout."""

FRAMING = (14, 18)
"""Bytes around a packet that interfaces count and flows do not: Ethernet's, some with the checksum."""

_SIDES = ("in", "out")
_RARE = tuple(f"{what}_{side}" for what in ("discards", "errors") for side in _SIDES)
_COUNTERS = (
    *(f"{what}_{side}" for what in ("octets", "packets", "group_packets") for side in _SIDES),
    *_RARE,
)
_COUNTED = ("exporter", "interface", "step", *_COUNTERS, *(f"covered_{side}" for side in _SIDES))
_UNKNOWN_SPEED = {32: 10**9, 64: 10**12}

COLUMNS = (
    *(Column(f"counted_{side}", "uint64", "bytes") for side in _SIDES),
    Column("counted_share", "float64"),
    *(Column(f"coverage_{side}", "float64") for side in _SIDES),
    *(Column(f"expected_{side}_{end}", "float64") for side in _SIDES for end in ("low", "high")),
    *(Column(f"group_share_{side}", "float64") for side in _SIDES),
    Column("loss", "float64"),
    *(Column(f"errors_{side}", "uint64", "packets") for side in _SIDES),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The interfaces of which a question sees all flows; None is any."""

    exporters: tuple[Network, ...] | None = None
    interfaces: tuple[Span, ...] | None = None

    def condition(self, parameters: Parameters) -> str:
        """SQL that is true of those interfaces."""
        conditions = ["TRUE"]
        if self.exporters is not None:
            ends = [(uuid_text(network.first), uuid_text(network.last)) for network in self.exporters]
            conditions.append(_within("exporter", "UUID", ends, parameters))
        if self.interfaces is not None:
            spans = [(span.low, span.high) for span in self.interfaces]
            conditions.append(_within("interface", "UINTEGER", spans, parameters))
        return " AND ".join(conditions)


def scope_of(term: Term) -> Scope | None:
    """The interfaces whose flows a filter leaves whole; None where it may take some away from each."""
    exporters: tuple[Network, ...] | None = None
    interfaces: tuple[Span, ...] | None = None
    for part in term.terms if isinstance(term, And) else (term,):
        match part:
            case Anything():
                continue
            case Match("exporter", "=", values) if exporters is None:
                exporters = tuple(value for value in values if isinstance(value, Network))
                found = len(exporters)
            case Match("interface", "=", values) if interfaces is None:
                interfaces = tuple(span for value in values if (span := _span(value)))
                found = len(interfaces)
            case _:
                return None
        if found != len(values):
            return None
    return Scope(exporters, interfaces)


def compared(steps: Steps, time_range: TimeRange, scope: Scope, now: int, parameters: Parameters) -> str:
    """Common table expressions that end in ``compared``: ``COLUMNS`` by exporter and interface.

    They stand behind those of ``rates``.
    """
    if time_range.since is None or time_range.until is None:
        raise ValueError("counters are compared between a begin and an end")
    since, until, width, moment = (
        f"CAST({parameters.add(number)} AS BIGINT)"
        for number in (time_range.since, time_range.until, steps.width, now)
    )
    before = ", ".join(f"lag({name}) OVER readings AS {name}_before" for name in _COUNTERS)
    grown = ", ".join(f"{_grown(name)} AS {name}" for name in _COUNTERS)
    shares = ", ".join(f"sum({share(name, 'edge', 'next_edge')}) AS {name}" for name in _COUNTERS)
    covered = ", ".join(
        f"coalesce(sum(next_edge - edge) FILTER (WHERE octets_{side} IS NOT NULL), 0) AS covered_{side}"
        for side in _SIDES
    )
    is_settled = f"{since} + (step + 1) * {width} <= least({until}, {moment} - coalesce(longest, 0))"
    whole = ", ".join(f"covered_{side} = {width} AND {is_settled} AS is_whole_{side}" for side in _SIDES)
    return f"""
        {_readings(since, until, scope.condition(parameters))},
        paired AS (
            SELECT *, lag(told) OVER readings AS told_before, lag(counter_bits) OVER readings AS bits_before,
                {before}
            FROM by_one_source WINDOW readings AS (PARTITION BY exporter, interface ORDER BY told)),
        passed AS (
            SELECT exporter, interface, told_before AS lived_from, told AS lived_to, {grown} FROM paired
            WHERE told > told_before AND told - told_before <= {LONGEST_GAP}
                AND counting_since <= told_before AND counter_bits = bits_before
                AND told > {since} AND told_before < {until}),
        passing AS (
            SELECT *, unnest(range((greatest(lived_from, {since}) - {since}) // {width},
                (least(lived_to, {until}) - 1 - {since}) // {width} + 1)) AS step FROM passed),
        passing_edged AS (
            SELECT *, greatest(lived_from, {since} + step * {width}) AS edge,
                least(lived_to, {until}, {since} + (step + 1) * {width}) AS next_edge FROM passing),
        counted AS (
            SELECT exporter, interface, step, {shares}, {covered} FROM passing_edged
            GROUP BY exporter, interface, step),
        export_delay AS ({_export_delay(time_range, now, parameters)}),
        side_by_side AS (
            SELECT {", ".join(f"counted.{name} AS {name}" for name in _COUNTED)},
                coalesce(bytes_in, 0) AS bytes_in, coalesce(bytes_out, 0) AS bytes_out, {whole}
            FROM counted LEFT JOIN export_delay USING (exporter)
            LEFT JOIN (SELECT g0 AS exporter, g1 AS interface, step, bytes_in, bytes_out FROM rates)
                AS told USING (exporter, interface, step)),
        compared AS (
            SELECT exporter, interface, {_totals(f"({until} - {since})")} FROM side_by_side
            GROUP BY exporter, interface)"""


def _readings(since: str, until: str, condition: str) -> str:
    """Common table expressions that end in ``by_one_source``: of each interface what was read one way."""
    return f"""
        reading AS (
            SELECT DISTINCT exporter, interface, source, epoch_ns(received) AS told,
                epoch_ns(counting_since) AS counting_since, counter_bits, speed, {", ".join(_COUNTERS)}
            FROM counters
            WHERE received >= {_stamp(f"{since} - {LONGEST_GAP}")}
                AND received < {_stamp(f"{until} + {LONGEST_GAP}")} AND {condition}),
        told_by AS (
            SELECT exporter, interface, source, count(*) AS times FROM reading
            GROUP BY exporter, interface, source),
        by_one_source AS (
            SELECT reading.* FROM reading JOIN (
                SELECT exporter, interface, arg_max(source, times) AS source FROM told_by
                GROUP BY exporter, interface) AS best
            USING (exporter, interface, source))"""


def _totals(length: str) -> str:
    selected = [f"sum(octets_{side}) AS counted_{side}" for side in _SIDES]
    selected.append(f"least(sum(covered_in), sum(covered_out)) / {length} AS counted_share")
    for side in _SIDES:
        flows, octets, packets, group = (
            f"(sum({name}_{side}) FILTER (WHERE is_whole_{side}))::DOUBLE"
            for name in ("bytes", "octets", "packets", "group_packets")
        )
        least, most = (f"greatest(0, 1 - {size} * {packets} / nullif({octets}, 0))" for size in FRAMING[::-1])
        selected += [
            f"{flows} / nullif({octets}, 0) AS coverage_{side}",
            f"CASE WHEN {packets} IS NOT NULL AND {octets} > 0 THEN {least} END AS expected_{side}_low",
            f"CASE WHEN {packets} IS NOT NULL AND {octets} > 0 THEN {most} END AS expected_{side}_high",
            f"{group} / nullif({packets}, 0) AS group_share_{side}",
            f"sum(errors_{side}) AS errors_{side}",
        ]
    return ", ".join([*selected, f"{_LOSS} AS loss"])


# What leaves is counted before it is discarded, what comes in is not (RFC 2863, ifInDiscards). The worse
# of the two directions, since a loss in one is not mended by the other.
_LOSS = """greatest(
    sum(discards_in)::DOUBLE / nullif(sum(packets_in)::DOUBLE + sum(discards_in), 0),
    sum(discards_out)::DOUBLE / nullif(greatest(sum(packets_out), sum(discards_out)), 0))"""


def _grown(name: str) -> str:
    """By how much a counter grew between two readings; null where that is not certain."""
    grown = f"(CAST({name} AS HUGEINT) - {name}_before)"
    if name in _RARE:  # of 32 bits whatever the others have, and too rare to go round twice in an hour
        return f"CAST(({grown} + {2**32}) % {2**32} AS UBIGINT)"
    most = {  # bytes that can have passed meanwhile
        bits: f"(told - told_before)::DOUBLE * coalesce(nullif(speed, 0), {speed}) / 8e9"
        for bits, speed in _UNKNOWN_SPEED.items()
    }
    # sFlow counts bytes in 64 bits and packets in 32, of which no more pass between two of its samples.
    narrow = f"WHEN source = 'sflow5' THEN ({grown} + {2**32}) % {2**32}" if "packets" in name else ""
    return f"""
        CAST(CASE {narrow} WHEN counter_bits = 32 THEN
                CASE WHEN {most[32]} < {2**32} THEN ({grown} + {2**32}) % {2**32} END
            WHEN {grown} >= 0 THEN {grown}
            WHEN {grown} + {2**64}::HUGEINT <= {most[64]} THEN {grown} + {2**64}::HUGEINT END AS UBIGINT)"""


def _export_delay(time_range: TimeRange, now: int, parameters: Parameters) -> str:
    """How long each exporter keeps a flow before it tells of it: as long as the longest it told of."""
    nothing = "SELECT NULL::UUID AS exporter, NULL::BIGINT AS longest WHERE FALSE"
    if time_range.until is None or time_range.until <= now - LONGEST_EXPORT:
        return nothing
    since = _stamp(f"CAST({parameters.add(now - 2 * LONGEST_EXPORT)} AS BIGINT)")
    return f"""
        SELECT exporter, least(max(epoch_ns("end") - epoch_ns(start)), {LONGEST_EXPORT}) AS longest
        FROM flows WHERE received >= {since} GROUP BY exporter"""


def _stamp(nanoseconds: str) -> str:
    return f"CAST(make_timestamp_ns({nanoseconds}) AS TIMESTAMPTZ_NS)"


def _within(
    column: str, sql_type: str, ends: list[tuple[str, str]] | list[tuple[int, int]], parameters: Parameters
) -> str:
    both = [[f"CAST({parameters.add(end)} AS {sql_type})" for end in each] for each in ends]
    ranges = [f"{column} BETWEEN {low} AND {high}" for low, high in both]
    return f"({' OR '.join(ranges) or 'FALSE'})"


def _span(value: object) -> Span | None:
    if isinstance(value, int):
        return Span(value, value)
    return value if isinstance(value, Span) else None
