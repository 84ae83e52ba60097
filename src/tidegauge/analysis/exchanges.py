"""``exchanges``: what became of our own packets in the reports of exporters, and what it says of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.clock_bound import DELAY_CAP_MS
from tidegauge.analysis.known_packets import export_delay, share_seen
from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.analysis.passings import Key, TwoWay, exchanges_asked, two_way
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.clock.feasible_set import feasible_set
from tidegauge.clock.hard_window import EVEN_FOR
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.flow.numbering import IS_BY_DATAGRAM, MISSING
from tidegauge.query.error import QuestionError
from tidegauge.query.statement import Column
from tidegauge.store.exchanges import exchanges_seen

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.known_packets import Share
    from tidegauge.query.question import Query
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.lake import Lake

COLUMNS = (
    Column("exporter", "address"),
    Column("observation_domain", "uint32"),
    Column("protocol_version", "text"),
    Column("exchanges", "uint64", "exchanges"),
    Column("offset_low", "float64", "seconds"),
    Column("offset_high", "float64", "seconds"),
    Column("step", "float64", "seconds"),
    Column("packets_known", "uint64", "packets"),
    Column("packets_seen", "uint64", "packets"),
    Column("share_low", "float64"),
    Column("share_high", "float64"),
    Column("share_expected", "float64"),
    Column("export_delay", "float64", "seconds"),
    Column("export_delay_longest", "float64", "seconds"),
    Column("note", "text"),
)
_NANOSECONDS = 1_000_000_000

_LEDGER = f"""
SELECT CAST(exporter AS BLOB), observation_domain, protocol_version,
    {MISSING} / nullif({MISSING} + sum(
        CASE WHEN {IS_BY_DATAGRAM} THEN datagrams ELSE records END), 0),
    max(clock_low), min(clock_high)
FROM ledger WHERE exporter IS NOT NULL AND {IN_RANGE} GROUP BY ALL"""


def exchanges(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each exporter, observation domain and version that told of packets of ours.

    Offsets are exporter minus true time at the last exchange, bounded by those of the hour before it. The
    range is about when we asked, by our clock. The filter of the question plays no part.

    Raises QuestionError for a lake whose flows are in ClickHouse.
    """
    if lake.clickhouse:
        raise QuestionError("exchanges are looked for in the lake's own files, not in ClickHouse")
    with Reading(lake, query, now, of_any_time=True) as reading, exchanges_seen(reading.engine, lake):
        asked = exchanges_asked(reading.engine, reading.time_range)
        heard = _heard(reading.engine, reading.time_range)
        rows = []
        for bound in two_way(reading.engine, reading.time_range):
            share = share_seen(asked, bound.seen)
            rows.append(_row(bound, share, heard.get(bound.key, _Heard())))
        warnings = [] if asked or rows else [_NOTHING_ASKED]
        return reading.answer(arranged(rows, COLUMNS, query.order, query.top), COLUMNS, warnings=warnings)


_NOTHING_ASKED = "no exchange of ours is known in this range; tidegauge exchanges ask makes some"


class _Heard(NamedTuple):
    """Of an exporter's datagrams, the share lost on the way, and how far their headers were from arrival."""

    lost: float = 0.0
    header_low: int | None = None
    header_high: int | None = None


def _heard(engine: Engine, time_range: TimeRange) -> dict[Key, _Heard]:
    rows = engine.rows(_LEDGER, range_values(time_range))
    return {Key(*row[:3]): _Heard(row[3] or 0.0, *row[4:]) for row in rows}


def _row(bound: TwoWay, share: Share, heard: _Heard) -> dict[str, Any]:
    low, high = _offset(bound)
    delay = export_delay(bound.seen)
    expected = (1 - heard.lost) / _sampling(bound)
    share_low, share_high = share.interval
    return {
        "exporter": text_from_address(bound.key.exporter),
        "observation_domain": bound.key.observation_domain,
        "protocol_version": bound.key.protocol_version,
        "exchanges": bound.exchanges,
        "offset_low": low,
        "offset_high": high,
        "step": bound.step / _NANOSECONDS,
        "packets_known": share.known,
        "packets_seen": share.seen,
        "share_low": round(share_low, 6),
        "share_high": round(share_high, 6),
        "share_expected": round(expected, 6),
        "export_delay": None if delay is None else round(delay.middle, 9),
        "export_delay_longest": None if delay is None else round(delay.longest, 9),
        "note": "; ".join(_notes(bound, share, expected, heard)),
    }


def _offset(bound: TwoWay) -> tuple[float | None, float | None]:
    """The offset at the last exchange; None where no clock that runs evenly fits those of an hour."""
    last = max(floor.at for floor in bound.floors)
    found = feasible_set(*bound.since(last - EVEN_FOR))
    if found.is_empty:
        return None, None
    low, high = found.bounds_at(last)
    assert low is not None  # each exchange bounds from both sides
    assert high is not None
    return low / _NANOSECONDS, high / _NANOSECONDS


def _header_ahead(heard: _Heard, low: float, high: float) -> str:
    """How far the headers are from the clock that the records follow; empty where they may be the same."""
    if heard.header_low is not None and heard.header_low / _NANOSECONDS > high:
        return f"at least {heard.header_low / _NANOSECONDS - high:.1f} s later"
    if heard.header_high is not None and heard.header_high / _NANOSECONDS + DELAY_CAP_MS / 1000 < low:
        earlier = low - heard.header_high / _NANOSECONDS - DELAY_CAP_MS / 1000
        return f"at least {earlier:.1f} s earlier if no datagram took longer than {DELAY_CAP_MS} ms"
    return ""


def _sampling(bound: TwoWay) -> int:
    return max(seen.sampling_interval or 1 for seen in bound.seen)


def _notes(bound: TwoWay, share: Share, expected: float, heard: _Heard) -> list[str]:
    notes = []
    offset_low, offset_high = _offset(bound)
    if offset_low is None or offset_high is None:
        notes.append("the exchanges exclude each other: the clock was set, or it does not run evenly")
    elif ahead := _header_ahead(heard, offset_low, offset_high):
        notes.append(f"its headers tell another time than its records, {ahead}")
    low, high = share.interval
    if high < expected:
        due = f"1 in {_sampling(bound)} was" if _sampling(bound) > 1 else "all were"
        notes.append(f"told of {share.seen} of {share.known} packets of ours, where {due} to be expected")
    elif low > expected:
        announced = f"the 1 in {_sampling(bound)} that it announces"
        notes.append(f"told of {share.seen} of {share.known} packets of ours, more than {announced}")
    if heard.lost:
        notes.append(f"{heard.lost:.1%} of what it sent was lost on the way to us")
    return notes
