"""``links``: how full, how fast and how clean the interfaces of exporters are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.analysis.coverage import coverage_note, coverage_warnings
from tidegauge.analysis.interfaces import Interface, counted_interfaces, interfaces, joined
from tidegauge.analysis.link_plan import FILE_NAME, link_plan
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.counted import scope_of
from tidegauge.query.link_quality import measured, responses
from tidegauge.query.links import MINUTE, Capacity, Comparison, minutes_of
from tidegauge.query.links import links as links_statement
from tidegauge.query.rates import INTERFACES
from tidegauge.query.statement import Column
from tidegauge.store.interface_samples import samples_seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.query.statement import Statement
    from tidegauge.store.lake import Lake

VOLUME = ("bytes",)

EXCHANGES = 500_000
"""So many flows are enough to tell response times by; of more, every n-th exchange is looked at."""

_NAMES = (Column("name", "text"), Column("description", "text"))
_WORDS = (Column("note", "text"),)
_KEYS = 2

Row = dict[str, Any]


def links(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each exporter and interface, the fullest first.

    Rates are means over minutes, of the bytes that flows carried: what no flow reports is not in them.
    What an exporter does not measure is None, and ``note`` says so. Who asks for the metric ``bytes`` alone
    is told how full links are, and not how fast and how clean, which takes longer to find out.
    """
    plan = link_plan(lake)
    is_of_quality = query.metrics != VOLUME
    query = msgspec.structs.replace(query, by=INTERFACES, metrics=VOLUME)
    with Reading(lake, query, now) as reading, samples_seen(reading.engine, lake):
        totals = totals_of(reading)
        time_range = _closed(reading.time_range, totals.extent, now)
        counted = counted_interfaces(reading.engine, time_range.until or now)
        scope = scope_of(reading.filter.term) if counted else None
        statement = links_statement(
            reading.query,
            time_range,
            minutes_of(time_range),
            _capacities(plan, counted),
            Comparison(scope, now) if scope else None,
            reading.directions,
        )
        one_in = 1 + reading.engine.scanned.rows // EXCHANGES
        qualities = (
            (
                measured(reading.query, time_range, reading.directions),
                responses(reading.query, time_range, one_in, reading.directions),
            )
            if is_of_quality
            else ()
        )
        names = _labels(plan, joined(interfaces(reading.engine, time_range.until or now), counted))
        rows = [_named(row, names) for row in reading.rows(statement)]
        for quality in qualities:
            _extend(rows, quality, reading.rows(quality))
        return reading.answer(
            [_told(row) for row in rows],
            _columns(statement, qualities),
            totals=totals.metrics,
            extent=totals.extent,
            warnings=[*totals.warnings, *coverage_warnings(rows), *(_sampled(one_in) if qualities else [])],
        )


def _closed(asked: TimeRange, extent: TimeRange, now: int) -> TimeRange:
    """The range, with the time that flows span where it is open."""
    since = extent.since if asked.since is None else asked.since
    until = extent.until if asked.until is None else asked.until
    until = now if until is None else until
    return TimeRange(until - MINUTE if since is None else min(since, until), until)


def _capacities(plan: dict[str, Capacity], counted: dict[tuple[bytes, int], Interface]) -> list[Capacity]:
    """What somebody wrote down; for a direction of which nobody did, what speed the interface tells."""
    known = {(link.exporter, link.interface): link for link in plan.values()}
    for key, interface in counted.items():
        written = known.get(key, Capacity(*key, None, None))
        known[key] = Capacity(
            *key, written.capacity_in or interface.speed, written.capacity_out or interface.speed
        )
    return [*known.values()]


def _labels(
    plan: dict[str, Capacity], told: dict[tuple[bytes, int], Interface]
) -> dict[tuple[str, int], tuple[str, Interface]]:
    """What people call each link, and what its exporter calls the interface; by address text and index."""
    planned = {(link.exporter, link.interface): name for name, link in plan.items()}
    nothing = Interface("", "")
    return {
        (text_from_address(exporter), index): (
            planned.get((exporter, index), ""),
            told.get((exporter, index), nothing),
        )
        for exporter, index in planned.keys() | told.keys()
    }


def _named(row: Row, names: dict[tuple[str, int], tuple[str, Interface]]) -> Row:
    exporter, index = row["exporter"] or "", row["interface"]
    label, (name, description, _) = names.get((exporter, index), ("", Interface("", "")))
    shown = label or description or name or f"{exporter} interface {index}"
    return {"link": shown, **row, "name": name or None, "description": description or None}


def _extend(rows: list[Row], quality: Statement, found: list[Row]) -> None:
    """Add what is known of the quality of each link; None where nothing is."""
    by_link = {(row["exporter"], row["interface"]): row for row in found}
    for row in rows:
        known = by_link.get((row["exporter"], row["interface"]), {})
        row |= {column.name: known.get(column.name) for column in quality.columns[_KEYS:]}


def _told(row: Row) -> Row:
    hours = [text_from_instant(hour) for hour in row["bottleneck_hours"] or ()]
    return row | {"bottleneck_hours": hours, "note": _note(row)}


def _note(row: Row) -> str:
    notes = []
    if row["capacity_in"] is None and row["capacity_out"] is None:
        notes.append(f"capacity unknown: write it into {FILE_NAME}")
    if row.get("rtt_p50", 0) is None:
        notes.append("round trip not measured by this exporter")
    if row.get("retransmit_share", 0) is None:
        notes.append("retransmissions not measured by this exporter")
    if row["loss"] is None:
        notes.append("loss not measured by this exporter")
    if errors := (row["errors_in"] or 0) + (row["errors_out"] or 0):
        notes.append(f"{errors:,} packets arrived damaged or could not be sent: look at cable and port")
    notes.append(coverage_note(row))
    return "; ".join(note for note in notes if note)


def _columns(statement: Statement, qualities: Iterable[Statement]) -> list[Column]:
    measured_columns = [column for quality in qualities for column in quality.columns[_KEYS:]]
    return [Column("link", "text"), *statement.columns, *_NAMES, *measured_columns, *_WORDS]


def _sampled(one_in: int) -> list[str]:
    return [f"response times are those of one exchange in {one_in}"] if one_in > 1 else []
