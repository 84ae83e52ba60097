"""How far corrections move flows at most, by when these arrived: it tells where they lie, unread.

A record whose times are ages is moved by its own header, which may be anywhere; the ledger tells how far the
headers of each minute were from their arrivals at most. Any other is moved by the line of the clock, or by
where the clock was before it was set.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.epoch import DELAY_CAP
from tidegauge.query.correction import listed
from tidegauge.store.segment import HOUR, NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tidegauge.analysis.clock_correction import Corrected, Corrections
    from tidegauge.store.engines.duckdb import Engine

_COARSEST = NANOSECONDS
"""What the time in a header is a multiple of at most; the ledger adds it to the smallest one."""

_ROUNDING = 1

_SHOWN = f"""
SELECT epoch_ns(minute) // {HOUR} AS hour, CAST(exporter AS BLOB), min(clock_high), max(clock_low)
FROM ledger WHERE exporter IN ({{exporters}}) AND clock_low IS NOT NULL
  AND minute >= CAST(make_timestamp_ns({{since}}) AS TIMESTAMPTZ_NS)
  AND minute < CAST(make_timestamp_ns({{until}}) AS TIMESTAMPTZ_NS)
GROUP BY ALL"""


class Reach(NamedTuple):
    """The nanoseconds by which flows told later times than they are given: from ``least`` to ``most``."""

    least: int
    most: int

    def joined(self, other: Reach) -> Reach:
        """What holds for the flows of both."""
        return Reach(min(self.least, other.least), max(self.most, other.most))


ANYWHERE = Reach(-(2**64), 2**64)
"""Nobody knows how far: more than any two instants are apart."""


class Reaches:
    """How far flows are moved that arrived at a time; ``engine`` has to see the ledger."""

    def __init__(self, corrections: Corrections, engine: Engine) -> None:
        self._hours: dict[int, Reach] = {}
        if not corrections.stretches:
            return
        found: defaultdict[tuple[int, bytes], list[Corrected]] = defaultdict(list)
        for each in corrections.stretches:
            found[each.found.stretch.since // HOUR, each.found.exporter].append(each)
        shown = _shown(engine, found)
        for (hour, exporter), corrected in found.items():
            told = shown.get((hour, exporter))
            reach = _reach(corrected, told[0] - _COARSEST, told[1]) if told else ANYWHERE
            self._hours[hour] = reach.joined(self._hours.get(hour, reach))

    def between(self, first: int | None, last: int | None) -> Reach | None:
        """That of flows which arrived from ``first`` to ``last``; None where none of them is moved.

        Where it is not known when they arrived, they may be any of all.
        """
        if first is None or last is None:
            return self.widest
        if last // HOUR - first // HOUR >= len(self._hours):
            return _joined(
                reach for hour, reach in self._hours.items() if first // HOUR <= hour <= last // HOUR
            )
        hours = range(first // HOUR, last // HOUR + 1)
        return _joined(self._hours[hour] for hour in hours if hour in self._hours)

    @property
    def widest(self) -> Reach | None:
        """That of all flows; None where none is moved."""
        return _joined(self._hours.values())


def _shown(engine: Engine, keys: Collection[tuple[int, bytes]]) -> dict[tuple[int, bytes], tuple[int, int]]:
    """How far headers were from their arrivals, by hour and exporter."""
    hours = [hour for hour, _ in keys]
    sql = _SHOWN.format(
        exporters=listed(exporter for _, exporter in keys),
        since=min(hours) * HOUR,
        until=(max(hours) + 1) * HOUR,
    )
    return {(hour, exporter): (low, high) for hour, exporter, low, high in engine.rows(sql)}


def _reach(corrected: Iterable[Corrected], low: int, high: int) -> Reach:
    """How far flows are moved by some stretches, where headers were so far from their arrivals."""
    stretches = [each.found.stretch for each in corrected]
    delay = max(DELAY_CAP, *(each.delay for each in stretches))
    # Some are not moved at all, and some of captures without arrivals by the delay alone.
    offsets = [0, delay, low, high + delay]
    for each in stretches:
        offsets += [each.first, each.last, each.former or 0]
    return Reach(min(offsets) - _ROUNDING, max(offsets) + _ROUNDING)


def _joined(reaches: Iterable[Reach]) -> Reach | None:
    found: Reach | None = None
    for reach in reaches:
        found = found.joined(reach) if found else reach
    return found
