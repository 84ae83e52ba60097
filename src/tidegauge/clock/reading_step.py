"""How coarse the times in flow records are, as the records themselves show it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP_UNSEEN = NANOSECONDS
"""What is taken for the step of a clock of which no two different readings are known."""


def step_of(readings: Iterable[int]) -> int:
    """The least distance between two different readings of one clock, in nanoseconds.

    A clock that moves in steps shows none closer together, so this is never finer than the truth; of few
    readings it is far coarser. Bounds made with it are wide, but hold.

    >>> step_of([0, 64_000_000, 256_000_000, 64_000_000])
    64000000
    """
    known = sorted(set(readings))
    return min((later - earlier for earlier, later in pairwise(known)), default=STEP_UNSEEN)
