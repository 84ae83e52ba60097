"""What the lake knows of exporters' clocks, stretch by stretch: enough to put the times of their flows right.

Only clocks that the ledger gives reason to doubt are followed. Each hour is worked out from it and the hour
before, and kept until something that it was made of changes.
"""

from __future__ import annotations

import hashlib
from functools import partial
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegauge.analysis.clock_verdict import TOLERANCE
from tidegauge.analysis.heard_clocks import MINUTE, HeardClock, heard_in, span_of
from tidegauge.analysis.own_clock import own_clock
from tidegauge.analysis.passings import asked_between, two_way
from tidegauge.clock.epoch import DELAY_CAP
from tidegauge.clock.sighting import Sighting
from tidegauge.clock.stretch import Stretch, stretches
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.clock_stretch import ClockStretch
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.correction import RECORD_LAG
from tidegauge.store.clock_stretches import StretchFiles
from tidegauge.store.engines.choice import engine_of
from tidegauge.store.exchanges import exchange_files, exchanges_seen
from tidegauge.store.segment import HOUR, TAIL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegauge.analysis.heard_clocks import Heard
    from tidegauge.analysis.own_clock import OwnClock
    from tidegauge.analysis.passings import TwoWay
    from tidegauge.clock.feasible_set import Limit
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake
    from tidegauge.store.segment import Segment

_WHAT = "clock stretches"
_METHOD = "2"
"""Changes with what is worked out here, so that nothing worked out otherwise is read."""

# What arrived before the range may claim to lie in it, by a clock that was ahead by so much.
# A clock is doubted that was ahead of its arrivals, or always behind: the way of a datagram is one reason for
# that, so it is worth a look only where headers alone, or exchanges of ours, can tell the two apart.
_DOUBTED = f"""
SELECT epoch_ns(minute) // {HOUR} AS hour, CAST(exporter AS BLOB), coalesce(observation_domain, 0),
  protocol_version
FROM ledger WHERE exporter IS NOT NULL AND clock_low IS NOT NULL
  AND ($since IS NULL OR epoch_ns(minute) + greatest(clock_low, 0) > $since - {2 * MINUTE})
  AND ($until IS NULL OR epoch_ns(minute) < $until)
GROUP BY ALL
HAVING $everyone = 1 OR max(clock_low) > {TOLERANCE} OR min(clock_high) + {DELAY_CAP} < -{TOLERANCE}
  OR ($has_exchanges = 1 AND max(clock_low) < -{TOLERANCE})
ORDER BY ALL"""

MOST_AT_ONCE = 128
"""So many hours of clocks are read together at most, each with the hour before: to ask is what takes long."""

MOST_ROWS_AT_ONCE = 1_000_000


def clock_stretches(
    engine: Engine, lake: Lake, generation: Generation, time_range: TimeRange, *, everyone: bool = False
) -> tuple[ClockStretch, ...]:
    """The stretches of all doubted clocks for the arrivals of flows in the range, by any clock.

    Empty, and nearly free, for a lake whose exporters keep time; where ``everyone`` is said to be doubted,
    all are followed. ``engine`` has to see the ledger.
    """
    exchanges = () if lake.clickhouse else exchange_files(lake)
    until = None if time_range.until is None else time_range.until + MAX_FLOW_AGE
    values = {
        "since": time_range.since,
        "until": until,
        "everyone": int(everyone),
        "has_exchanges": int(bool(exchanges)),
    }
    doubted = engine.rows(_DOUBTED, values)
    if not doubted:
        return ()
    asked = {
        hour: frozenset(HeardClock(*key) for _, *key in group)
        for hour, group in groupby(doubted, key=lambda row: row[0])
    }
    hours = _Hours(lake, generation, exchanges, asked)
    found = [hours.stretches(hour) for hour in asked]
    hours.save()
    return tuple(chain.from_iterable(found))


class _Hours:
    """Hours that are worked out, or were before."""

    def __init__(
        self,
        lake: Lake,
        generation: Generation,
        exchanges: Sequence[str],
        asked: Mapping[int, frozenset[HeardClock]],
    ) -> None:
        self._lake = lake
        self._generation = generation
        self._exchanges = exchanges
        self._asked = asked
        self._newest = max(asked)
        self._heard: dict[int, Heard] = {}
        self._files = StretchFiles(lake)

    def stretches(self, hour: int) -> tuple[ClockStretch, ...]:
        """Those of the clocks asked about, for the arrivals of an hour, which is counted from 1970."""
        if self._lake.clickhouse:
            return self._worked_out(hour)  # no file of ours tells what it is made of
        state, is_settled = self._state(hour)
        found = self._files.get(hour, state)
        if found is not None:
            return found
        make = partial(self._worked_out, hour)
        stock, moment = self._lake.stock, self._lake.moment
        if moment and not is_settled:
            # New sightings come twice a second, and move a line of half an hour by nothing that matters.
            return self._lake.recall(_WHAT, (hour, self._asked[hour]), moment.now, make)
        if stock:
            with stock.making(_WHAT):
                found = stock.remembered((_WHAT, hour, state), make)
        else:
            found = make()
        if is_settled:
            self._files.put(hour, state, found)
        return found

    def save(self) -> None:
        """Keep what was worked out from files that stay."""
        self._files.save()

    def _state(self, hour: int) -> tuple[str, bool]:
        """What an hour is made of, and whether that stays."""
        since, until = (hour - 1) * HOUR, (hour + 1) * HOUR
        segments = [
            segment
            for table in ("sightings", "flows")
            for segment in self._generation.segments(table, since, until)
            if self._tells(segment, hour)
        ]
        names = sorted(segment.path.rpartition("/segments/")[2] for segment in segments)
        told = repr((_METHOD, sorted(self._asked[hour]), names, self._exchanges))
        return hashlib.sha256(told.encode()).hexdigest(), all(s.level != TAIL for s in segments)

    def _tells(self, segment: Segment, hour: int) -> bool:
        """Whether rows of a segment arrived in an hour or the one before, as all of a tail did just now."""
        if segment.level == TAIL:
            return hour >= self._newest - 1
        first, last = segment.received_min, segment.received_max
        return first is None or last is None or (first < (hour + 1) * HOUR and last >= (hour - 1) * HOUR)

    def _worked_out(self, hour: int) -> tuple[ClockStretch, ...]:
        heard, span = self._heard_in(hour), span_of([hour])
        own = own_clock(self._lake, span.since, span.until)
        exchanges = self._exchanges_in(span)
        followed = (
            _Followed(key, seen, exchanges.get(key), heard.records[key], heard.ages.get(key), own)
            for key, seen in sorted(heard.sightings.items())
        )
        return tuple(each for one in followed for each in one.stretches(hour * HOUR))

    def _heard_in(self, hour: int) -> Heard:
        """What an hour is worked out from; that of the next hours which are, is read with it."""
        if hour not in self._heard:
            hours = self._batch(hour)
            with self._engine(span_of(hours)) as engine:
                self._heard = heard_in(engine, {each: self._asked[each] for each in hours})
        return self._heard.pop(hour)

    def _batch(self, hour: int) -> list[int]:
        """An hour and those after it that nobody worked out, not too many."""
        others = (each for each in self._asked if each > hour and not self._is_kept(each))
        most = MOST_AT_ONCE // max(len(keys) for keys in self._asked.values())
        batch = [hour, *islice(others, max(most - 1, 0))]
        span = span_of(batch)
        rows = sum(each.rows for each in self._generation.segments("sightings", span.since, span.until))
        return batch if rows <= MOST_ROWS_AT_ONCE else [hour]

    def _is_kept(self, hour: int) -> bool:
        return not self._lake.clickhouse and self._files.get(hour, self._state(hour)[0]) is not None

    def _exchanges_in(self, span: TimeRange) -> dict[HeardClock, TwoWay]:
        if not self._exchanges:
            return {}
        with self._engine(span) as engine, exchanges_seen(engine, self._lake):
            if asked_between(engine, span)[0] is None:
                return {}
            return {
                HeardClock(
                    bound.key.exporter, bound.key.observation_domain or 0, bound.key.protocol_version
                ): bound
                for bound in two_way(engine, span)
            }

    def _engine(self, span: TimeRange) -> Engine:
        stock, clickhouse = self._lake.stock, self._lake.clickhouse
        return engine_of(self._generation, span.since, span.until, stock=stock, clickhouse=clickhouse)


class _Followed(NamedTuple):
    """One clock, and all that was seen of it in two hours."""

    key: HeardClock
    seen: Sequence[tuple[Sighting, int]]
    exchanges: TwoWay | None
    records: Sequence[tuple[int, int]]
    age_quantum: int | None
    own: OwnClock | None

    def stretches(self, since: int) -> list[ClockStretch]:
        """Its stretches from a moment on."""
        limits = (self.exchanges.floors, self.exchanges.ceilings) if self.exchanges else ((), ())
        told = stretches(self.seen, *limits, since=since)
        epochs = [list(group) for _, group in groupby(told, key=attrgetter("began"))]
        found: list[ClockStretch] = []
        former: ClockStretch | None = None
        for place, epoch in enumerate(epochs):
            began = epoch[0].began + RECORD_LAG if former else 0
            ended = epochs[place + 1][0].began if place + 1 < len(epochs) else epoch[-1].until
            ahead = self._ahead(began, ended)
            for stretch in epoch:
                matters = stretch.since < stretch.began + RECORD_LAG
                each = self._told(stretch, ahead, len(epochs) - 1)
                found.append(msgspec.structs.replace(each, former=former) if matters else each)
            former = msgspec.structs.replace(found[-1], former=None)
        return [each for each in found if each.stretch.until > since]

    def _told(self, stretch: Stretch, ahead: int | None, changes: int) -> ClockStretch:
        return ClockStretch(
            *self.key,
            _by_our_clock(stretch, self.own),
            latest_record=ahead,
            is_two_way=self._agrees(stretch),
            changes=changes,
            age_quantum=self.age_quantum,
        )

    def _agrees(self, stretch: Stretch) -> bool:
        """Whether records tell packets of ours by the clock that headers show, for all that both say."""
        if self.exchanges is None:
            return False
        low, high = stretch.low, stretch.high
        floors = [floor.offset for floor in self.exchanges.floors if _is_of(floor, stretch)]
        ceilings = [ceiling.offset for ceiling in self.exchanges.ceilings if _is_of(ceiling, stretch)]
        is_above = low is None or all(ceiling >= low - TOLERANCE for ceiling in ceilings)
        is_below = high is None or all(floor <= high + TOLERANCE for floor in floors)
        return bool(floors or ceilings) and is_above and is_below

    def _ahead(self, began: int, ended: int) -> int | None:
        ahead = (ahead for minute, ahead in self.records if began <= minute and minute + MINUTE <= ended)
        return max(ahead, default=None)


def _is_of(limit: Limit, stretch: Stretch) -> bool:
    return stretch.since <= limit.at < stretch.until


def _by_our_clock(stretch: Stretch, own: OwnClock | None) -> Stretch:
    """As wide as our own clock may have been off; where nobody knows, it is taken to be right."""
    if own is None or own.low is None or own.high is None:
        return stretch
    return stretch._replace(
        below=None if stretch.below is None else stretch.below + own.high,
        above=None if stretch.above is None else stretch.above - own.low,
    )
