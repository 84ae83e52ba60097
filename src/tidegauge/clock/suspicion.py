"""A suspicion that a clock was set back, while late datagrams may explain as well what is seen.

Both may come at once: a datagram that was late just before the clock was set, or just after. So there may
be several epochs that began, each with another sighting, until one of them has explained enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.clock.epoch import SECOND, Epoch
from tidegauge.clock.sighting import Sighting

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIRMED_BY = 3
CONFIRMED_AFTER = 10 * SECOND
"""What it takes to believe that a clock was set back: so many seconds that tell it, or two and so long."""

MOST_CANDIDATES = 8


class Suspicion:
    """What was seen since a clock may have been set back from an epoch that is ``known``.

    ``begin`` makes an epoch of its first sighting and that one's quantum.
    """

    def __init__(self, known: Epoch, begin: Callable[[Sighting, int], Epoch]) -> None:
        self._known = known
        self._begin = begin
        self._candidates: list[_Candidate] = []
        self._told = 0
        self._innocent: list[tuple[Sighting, int]] = []

    def see(self, seen: Sighting, quantum: int, *, is_back: bool) -> None:
        """Take one more sighting; one that ``is_back`` the known epoch explains only if it was late."""
        floor = Epoch.floor_of(seen)
        impossible = [each for each in self._candidates if each.epoch.excludes_floor(floor)]
        self._candidates = [each for each in self._candidates if each not in impossible]
        explained = [each.takes(seen, quantum, is_back=is_back) for each in self._candidates]
        if not is_back:
            self._innocent.append((seen, quantum))
        elif not any(explained):
            self._suspect(seen, quantum, impossible)
        self._told += is_back

    @property
    def is_dispelled(self) -> bool:
        """Whether no epoch is left that may have begun: the clock is where it was."""
        return not self._candidates

    def confirm(self) -> Epoch | None:
        """The epoch that has explained enough, if one has; the known one is given what came before it."""
        for each in self._candidates:
            if each.is_confirmed:
                self._acquit(each.told_before, each.innocent_before)
                return each.epoch
        return None

    def dispel(self) -> None:
        """Give the known epoch all that was seen: datagrams were late."""
        self._acquit(self._told, len(self._innocent))

    def _acquit(self, told: int, innocent: int) -> None:
        self._known.late += told
        for each, quantum in self._innocent[:innocent]:
            self._known.add(each, quantum)

    def _suspect(self, seen: Sighting, quantum: int, impossible: list[_Candidate]) -> None:
        """Of a second in which the clock was set, the header most behind is of the new epoch."""
        if not self._known.assumed.is_whole(seen, quantum):
            seen = Sighting(seen.behind_at, seen.behind, seen.behind_at, seen.behind)
        candidate = _Candidate(self._begin(seen, quantum), self._told, len(self._innocent))
        known_low, _ = self._known.bounds_at(seen.ahead_at)
        for each in reversed(impossible):
            low, _ = each.epoch.bounds_at(seen.ahead_at)
            if low is not None and known_low is not None and seen.ahead - low < known_low - seen.ahead:
                # Its headers were late ones of the epoch that begins, and not of the one before.
                candidate.precede(each)
        self._candidates = [*self._candidates, candidate][-MOST_CANDIDATES:]


class _Candidate:
    """An epoch that may have begun, and how much that is not explained otherwise speaks for it."""

    def __init__(self, epoch: Epoch, told_before: int, innocent_before: int) -> None:
        self.epoch = epoch
        self.told_before = told_before
        self.innocent_before = innocent_before
        self._told = 1

    def takes(self, seen: Sighting, quantum: int, *, is_back: bool) -> bool:
        """Take a sighting that is not ahead of the epoch; whether it was on time."""
        is_late = self.epoch.excludes_ceiling(self.epoch.ceiling_of(seen, quantum))
        self.epoch.add(seen, quantum)
        self._told += is_back and not is_late
        return not is_late

    def precede(self, other: _Candidate) -> None:
        """Begin when another did."""
        self.epoch.began = other.epoch.began
        self.told_before, self.innocent_before = other.told_before, other.innocent_before

    @property
    def is_confirmed(self) -> bool:
        is_old = self.epoch.until - self.epoch.began >= CONFIRMED_AFTER
        return self._told >= CONFIRMED_BY or (is_old and self._told > 1)
