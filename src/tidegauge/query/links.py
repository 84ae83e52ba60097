"""Links: how full the interfaces of exporters are, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import uuid_text
from tidegauge.query.counted import COLUMNS as COUNTED
from tidegauge.query.counted import compared
from tidegauge.query.error import QuestionError
from tidegauge.query.ranking import limit
from tidegauge.query.rates import Steps, nearest_rank, rates
from tidegauge.query.statement import Column, Statement, ordered, rendered
from tidegauge.query.traits import UNKNOWN, Traits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.counted import Scope
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.question import Query

MINUTE = 60_000_000_000
HOUR = 60 * MINUTE
LAST_MINUTES = 5
BUSY, FULL = 0.8, 0.9
"""Shares of the capacity above which people begin to notice, and above which packets begin to be dropped."""

SHOWN_HOURS = 10

_KEYS = (Column("exporter", "address"), Column("interface", "uint32"))
_BPS = "bits per second"
_COLUMNS = (
    Column("capacity_in", "uint64", _BPS),
    Column("capacity_out", "uint64", _BPS),
    Column("bytes_in", "uint64", "bytes"),
    Column("bytes_out", "uint64", "bytes"),
    *(
        Column(f"{side}_{what}_bps", "uint64", _BPS)
        for what in ("last", "mean", "p95", "peak")
        for side in ("in", "out")
    ),
    Column("p95_utilisation", "float64"),
    Column("peak_utilisation", "float64"),
    Column("minutes_above_80", "uint64", "minutes"),
    Column("minutes_above_90", "uint64", "minutes"),
    Column("bottleneck_hours", "texts"),
    *COUNTED,
)

_NOT_COMPARED = f"""
        compared AS (
            SELECT NULL::UUID AS exporter, NULL::UINTEGER AS interface,
                {", ".join(f"NULL AS {column.name}" for column in COUNTED)} WHERE FALSE)"""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an interface can carry, in bits per second; ``exporter`` is 16 bytes."""

    exporter: bytes
    interface: int
    capacity_in: int | None
    capacity_out: int | None


def minutes_of(time_range: TimeRange) -> Steps:
    """The minutes that a range closed on both sides touches; the last may reach over its end."""
    if time_range.since is None or time_range.until is None:
        raise ValueError("rates need a begin and an end")
    return Steps(time_range.since, MINUTE, max(1, -(-(time_range.until - time_range.since) // MINUTE)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """That links are held against the interface counters of a scope, at a moment."""

    scope: Scope
    now: int


def links(
    query: Query,
    time_range: TimeRange,
    steps: Steps,
    capacities: Sequence[Capacity],
    comparison: Comparison | None = None,
    traits: Traits = UNKNOWN,
) -> Statement:
    """A row for each exporter and interface, the fullest first; what needs a capacity is null without one.

    With a comparison also for interfaces that counted something and that no flow names.

    A minute's rate is the mean over that minute. The 95th percentile is the nearest rank over all ``steps``,
    those without traffic as 0. ``bottleneck_hours`` are when the hours with most minutes above 80 % began, in
    nanoseconds, the worst first. Raises QuestionError.
    """
    found = rates(query, time_range, steps, traits)
    parameters = found.source.parameters
    counters = _NOT_COMPARED
    if comparison:
        counters = compared(steps, time_range, comparison.scope, comparison.now, parameters)
    # Doubles, because a hostile record may claim 2^64 bytes and must not fail the question.
    load = "greatest(in_bps / nullif(capacity_in, 0)::DOUBLE, out_bps / nullif(capacity_out, 0)::DOUBLE)"
    hour = f"({steps.since} + step * {steps.width}) // {HOUR} * {HOUR}"
    sql = f"""
        WITH {found.sql}, {counters}, capacity AS ({_capacity_rows(capacities, parameters)}),
        known AS (
            SELECT g0, g1, step, bytes_in, bytes_out FROM rates UNION ALL
            SELECT exporter, interface, 0, 0, 0
            FROM compared ANTI JOIN rates ON exporter = g0 AND interface = g1
            WHERE counted_in > 0 OR counted_out > 0),
        minute AS (
            SELECT g0 AS exporter, g1 AS interface, step, coalesce(bytes_in, 0) AS bytes_in,
                coalesce(bytes_out, 0) AS bytes_out, capacity_in, capacity_out,
                coalesce(bytes_in, 0) * 8 // 60 AS in_bps, coalesce(bytes_out, 0) * 8 // 60 AS out_bps
            FROM known LEFT JOIN capacity ON capacity.exporter = g0 AND capacity.interface = g1),
        loaded AS (SELECT *, {load} AS load FROM minute),
        busy_hour AS (
            SELECT exporter, interface, {hour} AS hour, count(*) AS minutes
            FROM loaded WHERE load > {BUSY} GROUP BY exporter, interface, hour
            QUALIFY row_number() OVER (PARTITION BY exporter, interface ORDER BY minutes DESC, hour)
                <= {SHOWN_HOURS}),
        bottleneck AS (
            SELECT exporter, interface, list(hour ORDER BY minutes DESC, hour) AS bottleneck_hours
            FROM busy_hour GROUP BY exporter, interface),
        link AS (SELECT {_aggregates(steps)} FROM loaded GROUP BY exporter, interface)
        SELECT {rendered("exporter", "address")}, interface, {", ".join(column.name for column in _COLUMNS)}
        FROM link LEFT JOIN bottleneck USING (exporter, interface)
            LEFT JOIN compared USING (exporter, interface)
        ORDER BY {_order(query)}, exporter, interface {limit(query.top, 0)}"""
    return Statement(sql, parameters.values, (*_KEYS, *_COLUMNS), found.source.lookups)


def _aggregates(steps: Steps) -> str:
    last = min(LAST_MINUTES, steps.count)
    selected = [
        "exporter",
        "interface",
        *(f"any_value({name}) AS {name}" for name in ("capacity_in", "capacity_out")),
        *(f"CAST(sum({name}) AS HUGEINT) AS {name}" for name in ("bytes_in", "bytes_out")),
    ]
    for side in ("in", "out"):
        recent = f"coalesce(sum(bytes_{side}) FILTER (WHERE step >= {steps.count - last}), 0)"
        selected += [
            f"{recent} * 8 // {60 * last} AS {side}_last_bps",
            f"sum(bytes_{side}) * 8 // {60 * steps.count} AS {side}_mean_bps",
            f"{nearest_rank(f'{side}_bps', 95, steps.count)} AS {side}_p95_bps",
            f"max({side}_bps) AS {side}_peak_bps",
        ]
    known = {
        # Of the fuller direction: taken over both at once it would be a rate that neither had.
        "p95_utilisation": f"greatest({', '.join(_p95_load(side, steps) for side in ('in', 'out'))})",
        "peak_utilisation": "max(load)",
        "minutes_above_80": f"count(*) FILTER (WHERE load > {BUSY})",
        "minutes_above_90": f"count(*) FILTER (WHERE load > {FULL})",
    }
    # The load of a link without a capacity is null in every minute.
    selected += [f"CASE WHEN max(load) IS NOT NULL THEN {sql} END AS {name}" for name, sql in known.items()]
    return ", ".join(selected)


def _p95_load(side: str, steps: Steps) -> str:
    return f"{nearest_rank(f'{side}_bps', 95, steps.count)} / any_value(capacity_{side})"


def _capacity_rows(capacities: Sequence[Capacity], parameters: Parameters) -> str:
    rows = [f"{_capacity_row('NULL', '0', 'NULL', 'NULL')} WHERE FALSE"]
    for each in capacities:
        values = (
            uuid_text(int.from_bytes(each.exporter, "big")),
            each.interface,
            each.capacity_in,
            each.capacity_out,
        )
        rows.append(_capacity_row(*("NULL" if value is None else parameters.add(value) for value in values)))
    return " UNION ALL ".join(rows)


def _capacity_row(exporter: str, interface: str, capacity_in: str, capacity_out: str) -> str:
    return f"""
        SELECT CAST({exporter} AS UUID) AS exporter, CAST({interface} AS UINTEGER) AS interface,
            CAST({capacity_in} AS UBIGINT) AS capacity_in, CAST({capacity_out} AS UBIGINT) AS capacity_out"""


def _order(query: Query) -> str:
    known = {column.name: column.name for column in (*_KEYS, *_COLUMNS)}
    falling = frozenset(column.name for column in _COLUMNS)
    try:
        if query.order:
            return ordered(known, query.order, falling)
    except KeyError:
        raise QuestionError(
            f"cannot order links by {query.order!r}; the answer has {', '.join(known)}"
        ) from None
    return "p95_utilisation DESC NULLS LAST, greatest(in_p95_bps, out_p95_bps) DESC"
