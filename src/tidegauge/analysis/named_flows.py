"""Flows whose names are worked out once, for all questions of a page that are about the same hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tidegauge.clock.timerange import TimeRange
from tidegauge.store.engines.standing_flows import MOST_STANDING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from tidegauge.analysis.clock_correction import Corrected

MOST_NAMED = MOST_STANDING
"""Of so many flows all names are worked out at once; of more, those that a question needs."""

_HOUR = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class NamedFlows:
    """What a relation of named flows was made from.

    Files, all that was ``told`` of names, the range, and the stretches in which clocks are corrected.
    """

    files: frozenset[str]
    told: Hashable
    time_range: TimeRange
    corrected: tuple[Corrected, ...] = ()

    def lasting(self) -> NamedFlows:
        """The same until the hour is over, so that it serves those too who ask a little later."""
        until = self.time_range.until
        if until is None:
            return self
        return replace(self, time_range=TimeRange(self.time_range.since, -(-until // _HOUR) * _HOUR))

    def serves(self, asked: NamedFlows, known: frozenset[str]) -> bool:
        """Whether a question that needs ``asked`` can be answered from these.

        ``known`` are the files of its generation: it must not see what came after.
        """
        return (
            self.told == asked.told
            and asked.files <= self.files <= known
            and self._covers(asked.time_range)
            and self._corrects_like(asked)
        )

    def _corrects_like(self, asked: NamedFlows) -> bool:
        """Whether times of the asked range are corrected the same, whatever is done to earlier ones."""
        if self.corrected == asked.corrected:
            return True
        more, since = {*self.corrected}.difference(asked.corrected), asked.time_range.since
        is_before = since is not None and all(each.found.stretch.until <= since for each in more)
        return is_before and {*asked.corrected} <= {*self.corrected}

    def _covers(self, other: TimeRange) -> bool:
        since, until = self.time_range.since, self.time_range.until
        return (since is None or (other.since is not None and since <= other.since)) and (
            until is None or (other.until is not None and other.until <= until)
        )
