"""An epoch: a stretch in which an exporter's clock ran evenly, and what is known of it then."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from math import exp
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.feasible_set import MAX_SKEW_PPM, FeasibleSet, Limit
from tidegauge.clock.hard_window import HardWindow
from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.clock.probable_line import ProbableLine, probable_line
from tidegauge.clock.recent_sightings import RecentSightings
from tidegauge.clock.sighting import Sighting
from tidegauge.clock.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

DELAY_CAP = 250_000_000
"""Nanoseconds that a datagram is assumed to take at most from its stamp to our arrival; said with results."""

SECOND = NANOSECONDS
LEAST_EXCEEDING = 0.05
"""Of so many headers that are expected to exceed the cap, one may have: then the cap is not to be trusted."""

LOCKED_AFTER = 600 * SECOND
LOCKED_SECONDS = 20
"""After so long, and so many seconds with headers, chance has shown every phase of a sender not locked."""

LOCKED_WIDTH = SECOND // 5

UNSETTLED = 32
"""So many of the last sightings may be of the next epoch already, if its step is smaller than they hide."""


class Assumed(NamedTuple):
    """What bounds rest on: no datagram took longer than ``delay_cap``, no clock ran more uneven than that."""

    delay_cap: int = DELAY_CAP
    max_skew_ppm: float = MAX_SKEW_PPM

    def is_whole(self, seen: Sighting, quantum: int) -> bool:
        """Whether all headers of a sighting may be of one epoch: nothing proves a step between them."""
        return seen.ahead - seen.behind <= quantum + self.delay_cap


class Cause(StrEnum):
    """Why an epoch began."""

    START = "start"
    REBOOT = "reboot"
    STEP = "step"
    RETURN = "return"
    """A step back to where the clock was before the last: perhaps nothing but late datagrams lay between."""


class Estimate(NamedTuple):
    """The offset at ``at``: certainly from ``low`` to ``high``, None where unbounded; probably ``offset``.

    ``breaks_cap`` says that delays are such that some probably exceed the cap, so ``high`` does not hold.
    """

    at: int
    low: int | None
    high: int | None
    offset: int
    deviation: int
    skew_ppm: float
    skew_deviation_ppm: float
    mean_delay: int
    breaks_cap: bool


class Epoch:
    """A clock between two steps.

    ``until`` is the last arrival seen in it. ``seconds`` and ``headers`` count what was seen; ``late`` counts
    the seconds in which a datagram came later than assumed. Where the epoch ``is_doubtful``, all may have
    come later than that, and its upper bound is not to be trusted. ``hidden_since`` is from when on the step
    that ended it may have been already, where that was too small to show at once.
    """

    def __init__(self, seen: Sighting, quantum: int, cause: Cause, assumed: Assumed) -> None:
        self.cause = cause
        self.assumed = assumed
        self.quantum = quantum
        self._first = seen
        self.began = min(seen.ahead_at, seen.behind_at)
        self.until = max(seen.ahead_at, seen.behind_at)
        self.seconds = self.headers = self.late = 0
        self.is_doubtful = self._is_limited = False
        self.hidden_since: int | None = None
        self._window = HardWindow([self.floor_of(seen)], [], assumed.max_skew_ppm)
        self._settled = RecentSightings()
        self._unsettled: deque[tuple[FeasibleSet, Sighting]] = deque(maxlen=UNSETTLED)
        self._fitted: tuple[int, ProbableLine] | None = None
        self.add(seen, quantum)

    @staticmethod
    def floor_of(seen: Sighting) -> Limit:
        """The limit from below: nothing arrives before it was sent."""
        return Limit(seen.ahead_at, seen.ahead)

    def ceiling_of(self, seen: Sighting, quantum: int) -> Limit:
        """The limit from above, if no datagram was later than assumed."""
        return Limit(seen.behind_at, seen.behind + quantum + self.assumed.delay_cap)

    def add(self, seen: Sighting, quantum: int) -> None:
        """Take a sighting that the epoch explains; of one that it explains in part, that part."""
        self.quantum = min(self.quantum, quantum)
        self.until = max(self.until, seen.ahead_at, seen.behind_at)
        self.seconds += 1
        self.headers += seen.count
        before = self._window.lines
        self._window.add([self.floor_of(seen)], [])
        ceiling = self.ceiling_of(seen, self.quantum)
        if self._window.excludes_ceiling(ceiling):
            self.late += 1
            seen = Sighting(seen.ahead_at, seen.ahead, seen.ahead_at, seen.ahead)
        else:
            self._window.add([], [ceiling])
        if len(self._unsettled) == UNSETTLED:
            self._settled.add(self._unsettled[0][1])
        self._unsettled.append((before, seen))

    def end(self, step: int) -> None:
        """Say that the clock was set by about that much, and forget what may have been seen only thereafter.

        A step larger than what one header hides shows at once. A smaller one shows when a header happens to
        be read just after a tick; until then headers are of the next epoch and cut the lines of this one.
        """
        if abs(step) < self.quantum + self.assumed.delay_cap and self._unsettled:
            self._window.restore(self._unsettled[0][0])
            self.hidden_since = self._unsettled[0][1].ahead_at
            self._unsettled.clear()
            self._fitted = None

    def limit(self, floors: Iterable[Limit], ceilings: Iterable[Limit]) -> None:
        """Take hard limits from elsewhere, such as two-way observations, as far as the epoch explains them.

        A floor that it excludes says that all datagrams were later than assumed: then the upper bound, which
        rests on that, is no longer claimed.
        """
        for floor in floors:
            if self.excludes_floor(floor):
                self.is_doubtful = True
            else:
                self._window.add([floor], [])
        for ceiling in ceilings:
            if not self.excludes_ceiling(ceiling):
                self._window.add([], [ceiling])
        self._is_limited = True

    def excludes_floor(self, floor: Limit) -> bool:
        """Whether the clock was set ahead by then."""
        return self._window.excludes_floor(floor)

    def excludes_ceiling(self, ceiling: Limit) -> bool:
        """Whether the clock was set back by then, or a datagram was later than assumed."""
        return self._window.excludes_ceiling(ceiling)

    def bounds_at(self, instant: int) -> tuple[int | None, int | None]:
        """Between which offsets the clock certainly was at a moment of the epoch, in nanoseconds."""
        low, high = self._window.bounds_at(instant)
        return low, None if self.is_doubtful else high

    @property
    def is_phase_locked(self) -> bool:
        """Whether the exporter sends at one phase of its second, which hides what its coarse clock reads."""
        low, high = self._window.bounds_at(self.until)
        if low is None or high is None or self.quantum < SECOND:
            return False
        is_long = self.until - self.began >= LOCKED_AFTER and self.seconds >= LOCKED_SECONDS
        return is_long and high - low - self.assumed.delay_cap > LOCKED_WIDTH

    def snapshot(self) -> Snapshot:
        """What is known now, for later."""
        line = self.probable_line()
        is_open = self.is_doubtful or self._breaks_cap(line)
        return Snapshot(self._window.lines, line, is_open, self.quantum)

    def estimate(self) -> Estimate:
        """What is known at the end of the epoch."""
        low, high = self.bounds_at(self.until)
        line, offset = self.probable_line(), self.offset_at(self.until)
        slow, fast = self._window.skew_bounds()
        return Estimate(
            self.until,
            low,
            high,
            offset,
            line.deviation,
            min(max(line.skew_ppm, slow), fast),
            line.skew_deviation_ppm,
            line.mean_delay,
            self._breaks_cap(line),
        )

    def _breaks_cap(self, line: ProbableLine) -> bool:
        exceeding = exp(-self.assumed.delay_cap / line.mean_delay) * sum(row.count for row in self._rows)
        # What limits of another origin cut off is the least delay, which the fit cannot see.
        excess = 0 if self._is_limited else abs(line.offset_at(self.until) - self.offset_at(self.until))
        return exceeding > LEAST_EXCEEDING or excess > 2 * line.deviation

    def offset_at(self, instant: int) -> int:
        """The probable offset at a moment of the epoch, as far as it is possible."""
        low, high = self.bounds_at(instant)
        offset = self.probable_line().offset_at(instant)
        offset = offset if high is None else min(offset, high)
        return offset if low is None else max(offset, low)

    def probable_line(self) -> ProbableLine:
        """The line that the clock probably follows, by the sightings of the past hour."""
        if self._fitted is None or self._fitted[0] != self.seconds:
            self._fitted = self.seconds, probable_line(self._rows, self.quantum)
        return self._fitted[1]

    @property
    def _rows(self) -> tuple[Sighting, ...]:
        return (*self._settled.rows, *(seen for _, seen in self._unsettled)) or (self._first,)
