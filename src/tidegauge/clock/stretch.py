"""Stretches: what is known of a clock's offset from one moment to another, half an hour at most.

An epoch forgets what it knew an hour ago. Flow times of all hours are put right, so what was known is
noted as it goes, each half hour: the lines possible then rest on all that was seen in it.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tidegauge.clock.epoch import Cause
from tidegauge.clock.epochs import Epochs
from tidegauge.clock.hard_window import EVEN_FOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tidegauge.clock.epoch import Assumed, Epoch
    from tidegauge.clock.feasible_set import Limit
    from tidegauge.clock.sighting import Sighting
    from tidegauge.clock.snapshot import Snapshot

GRID = EVEN_FOR // 2
"""Stretches end at multiples of that, so that one is found for an instant by division."""

Row = TypeVar("Row")


class Stretch(NamedTuple):
    """The clock for arrivals in ``[since, until)``; instants and offsets in nanoseconds.

    The offset goes evenly from ``first`` at ``since`` to ``last`` at ``until``. The true one is at most
    ``below`` less and ``above`` more, None where that side is unbounded. ``quantum`` is what readings are
    multiples of, ``delay`` how long a datagram takes on average from its stamp to us.
    The clock was set between ``ended``, when it was last seen with the offset ``former``, and ``began``; both
    are None where it was not.
    """

    since: int
    until: int
    first: int
    last: int
    below: int | None
    above: int | None
    quantum: int
    delay: int
    began: int
    ended: int | None
    former: int | None

    @property
    def low(self) -> int | None:
        """What the offset was at least, anywhere in the stretch."""
        return None if self.below is None else min(self.first, self.last) - self.below

    @property
    def high(self) -> int | None:
        """What it was at most."""
        return None if self.above is None else max(self.first, self.last) + self.above


def stretches(
    seen: Iterable[tuple[Sighting, int]],
    floors: Iterable[Limit] = (),
    ceilings: Iterable[Limit] = (),
    assumed: Assumed | None = None,
    since: int = 0,
) -> list[Stretch]:
    """Follow a clock that tells the time through its sightings, each with its quantum, in their order.

    ``floors`` and ``ceilings`` are hard limits of another origin, as for ``Epochs.see_all``. The first
    stretch begins, and the last one ends, with the half hour that it is of. Those are told that end after
    ``since``, and what was known of a clock just before it was set; each takes a fit, which is what costs.
    """
    sightings = _by_place(seen, lambda each: each[0].ahead_at)
    below, above = (_by_place(limits, lambda limit: limit.at) for limits in (floors, ceilings))
    notes = _Notes(Epochs(assumed))
    for place in sorted({*sightings, *below, *above}):
        notes.epochs.see_all(sightings[place], below[place], above[place])
        if (place + 1) * GRID > since:
            notes.take(place)
    return list(notes.stretches(since))


def _by_place(rows: Iterable[Row], instant_of: Callable[[Row], int]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[instant_of(row) // GRID].append(row)
    return found


class _Notes:
    """What was known of each epoch at the end of each half hour."""

    def __init__(self, epochs: Epochs) -> None:
        self.epochs = epochs
        self._taken: defaultdict[Epoch, dict[int, Snapshot]] = defaultdict(dict)

    def take(self, place: int) -> None:
        """Note what is known at the end of a half hour."""
        for epoch in self.epochs.epochs[-1:]:
            self._taken[epoch][place] = epoch.snapshot()

    def stretches(self, wanted: int) -> Iterator[Stretch]:
        """Those from a moment on, in the order of their arrivals, and the last ones of epochs before."""
        epochs = self.epochs.epochs
        if not epochs:
            return
        first, last = epochs[0].began // GRID * GRID, (epochs[-1].until // GRID + 1) * GRID
        borders = [first, *(epoch.began for epoch in epochs[1:]), last]
        for number, (since, until) in enumerate(pairwise(borders)):
            former = epochs[number - 1] if number else None
            following = epochs[number + 1] if number + 1 < len(epochs) else None
            for begin, end in _cut(since, until):
                if end <= wanted and not (following and end == until):
                    continue
                yield self._stretch(epochs[number], begin, end, former, following)

    def _stretch(
        self, epoch: Epoch, since: int, until: int, former: Epoch | None, following: Epoch | None
    ) -> Stretch:
        known = self._known(epoch, since // GRID)
        first, last = known.offset_at(since), known.offset_at(until)
        # What is possible is convex, so between the ends it is no farther from the line than at one of them.
        bounds = [(first, *known.bounds_at(since)), (last, *known.bounds_at(until))]
        if following and epoch.hidden_since is not None and until > epoch.hidden_since:
            # A step that small may have been before: then it is the other clock already.
            bounds.append((last, *following.snapshot().bounds_at(following.began)))
        if epoch.cause is Cause.REBOOT:
            former = None
        return Stretch(
            since,
            until,
            first,
            last,
            _widest(None if low is None else offset - low for offset, low, _ in bounds),
            _widest(None if high is None else high - offset for offset, _, high in bounds),
            known.quantum,
            known.probable.mean_delay,
            epoch.began,
            former.until if former else None,
            former.offset_at(epoch.began) if former else None,
        )

    def _known(self, epoch: Epoch, place: int) -> Snapshot:
        """What was known of an epoch at the end of a half hour, or as soon as anything was."""
        found = {
            taken: known
            for taken, known in self._taken[epoch].items()
            if taken >= place and (epoch.hidden_since is None or (taken + 1) * GRID <= epoch.hidden_since)
        }
        return found[min(found)] if found else epoch.snapshot()


def _widest(distances: Iterable[int | None]) -> int | None:
    widest = 0
    for distance in distances:
        if distance is None:
            return None
        widest = max(widest, distance)
    return widest


def _cut(since: int, until: int) -> Iterator[tuple[int, int]]:
    """The parts of a range between multiples of ``GRID``."""
    while since < until:
        end = min(until, (since // GRID + 1) * GRID)
        yield since, end
        since = end
