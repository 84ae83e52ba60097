"""Epochs of a clock: where in its sightings it was set, or began anew.

A clock that was set ahead gives itself away at once: a header then is more ahead than was possible, and no
delay can do that. One that was set back looks like datagrams that came late. So it first is a suspicion, an
epoch that may have begun, and must be explained by nothing else for a while. Nothing is forgotten by it:
what is between is given to whichever of the two epochs turns out to be.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tidegauge.clock.epoch import SECOND, Assumed, Cause, Epoch
from tidegauge.clock.era import unfold
from tidegauge.clock.feasible_set import Limit
from tidegauge.clock.sighting import Sighting
from tidegauge.clock.suspicion import Suspicion

if TYPE_CHECKING:
    from collections.abc import Iterable

UPTIME_CYCLE = 2**32 * 1_000_000
"""Nanoseconds after which a count of milliseconds in 32 bits starts over."""

LEAST_REBOOT = 10 * SECOND
"""An uptime that jumps farther was begun anew: nobody sets one."""

RETURNED_WITHIN = 600 * SECOND
MOST_EPOCHS = 256


class Epochs:
    """One clock of one exporter. ``epochs`` are its stretches so far, the oldest first.

    ``cycle`` is after how many nanoseconds its readings start over, None for a clock that tells the time.
    """

    def __init__(self, assumed: Assumed | None = None, cycle: int | None = None) -> None:
        self.epochs: list[Epoch] = []
        self._assumed = assumed or Assumed()
        self._cycle = cycle
        self._suspicion: Suspicion | None = None

    def see_all(
        self,
        seen: Iterable[tuple[Sighting, int]],
        floors: Iterable[Limit] = (),
        ceilings: Iterable[Limit] = (),
    ) -> None:
        """Take sightings, each with its quantum in nanoseconds, in the order of their arrival.

        Beside them hard limits of another origin, each for the epoch that ran at its moment.
        """
        waiting = sorted([(*floor, True) for floor in floors] + [(*ceiling, False) for ceiling in ceilings])
        taken = 0
        for sighting, quantum in seen:
            self.see(sighting, quantum)
            until = max(sighting.ahead_at, sighting.behind_at)
            while taken < len(waiting) and waiting[taken][0] <= until:
                self._limit_one(*waiting[taken])
                taken += 1
        for left in waiting[taken:]:
            self._limit_one(*left)

    def see(self, seen: Sighting, quantum: int) -> None:
        """Take one more sighting of the clock, which shows multiples of ``quantum`` nanoseconds."""
        if not self.epochs:
            self._begin(Epoch(seen, quantum, Cause.START, self._assumed))
            return
        known = self.epochs[-1]
        seen = self._unfolded(seen, near=known.bounds_at(known.until)[0] or 0)
        if known.excludes_floor(known.floor_of(seen)):
            self._suspicion = None
            self._begin(Epoch(seen, quantum, self._cause(known, seen), self._assumed))
        elif self._suspicion or self._is_back(known, seen, quantum):
            self._suspect(known, seen, quantum)
        else:
            known.add(seen, quantum)

    def limit(self, floors: Iterable[Limit] = (), ceilings: Iterable[Limit] = ()) -> None:
        """Take hard limits of another origin, such as two-way observations: they need no delay cap.

        They are of the epoch that runs. A step is shown by the clock's own sightings alone.
        """
        if self.epochs:
            self.epochs[-1].limit(floors, ceilings)

    def _limit_one(self, at: int, offset: int, is_floor: bool) -> None:
        limit = Limit(at, offset)
        self.limit([limit] if is_floor else [], [] if is_floor else [limit])

    def _is_back(self, known: Epoch, seen: Sighting, quantum: int) -> bool:
        return known.excludes_ceiling(known.ceiling_of(seen, quantum))

    def _suspect(self, known: Epoch, seen: Sighting, quantum: int) -> None:
        is_back = self._is_back(known, seen, quantum)
        if self._suspicion is None:
            self._suspicion = Suspicion(known, partial(self._stepped, known))
            if not self._assumed.is_whole(seen, quantum):
                known.add(Sighting(seen.ahead_at, seen.ahead, seen.ahead_at, seen.ahead), quantum)
        self._suspicion.see(seen, quantum, is_back=is_back)
        if self._suspicion.is_dispelled:
            self._suspicion.dispel()
            self._suspicion = None
        elif begun := self._suspicion.confirm():
            self._begin(begun)
            self._suspicion = None

    def _stepped(self, known: Epoch, seen: Sighting, quantum: int) -> Epoch:
        return Epoch(seen, quantum, self._cause(known, seen), self._assumed)

    def _step_to(self, epoch: Epoch) -> int:
        before, after = (each.bounds_at(epoch.began)[0] for each in (self.epochs[-1], epoch))
        return (after or 0) - (before or 0)

    def _begin(self, epoch: Epoch) -> None:
        if len(self.epochs) > 1 and epoch.cause is Cause.STEP:
            before, between = self.epochs[-2:]
            low, high = before.bounds_at(epoch.began)
            middle = epoch.bounds_at(epoch.began)[0]
            is_there = low is not None and high is not None and middle is not None and low <= middle <= high
            if is_there and epoch.began - between.began <= RETURNED_WITHIN:
                epoch.cause, between.is_doubtful = Cause.RETURN, True
        if self.epochs:
            self.epochs[-1].end(self._step_to(epoch))
        self.epochs.append(epoch)
        del self.epochs[:-MOST_EPOCHS]

    def _cause(self, known: Epoch, seen: Sighting) -> Cause:
        low, _ = known.bounds_at(seen.ahead_at)
        is_far = low is not None and abs(seen.ahead - low) > LEAST_REBOOT
        return Cause.REBOOT if self._cycle and is_far else Cause.STEP

    def _unfolded(self, seen: Sighting, near: int) -> Sighting:
        if self._cycle is None:
            return seen
        ahead = unfold(seen.ahead, self._cycle, near)
        behind = unfold(seen.behind, self._cycle, near)
        return Sighting(seen.ahead_at, max(ahead, behind), seen.behind_at, min(ahead, behind), seen.count)
