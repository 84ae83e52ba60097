"""A sighting: what one second of one exporter's headers told of its clock.

A header says what the exporter's clock read when it was written; our kernel says when it arrived.
Their difference, reading minus arrival, is never more than the clock's offset, because nothing
arrives before it was written. Of all headers of a second the two extremes say nearly everything:
the one most ahead bounds the offset from below, the one most behind, a quantum and a delay later,
from above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """The extremes of ``count`` differences, reading minus arrival, and when each arrived; nanoseconds."""

    ahead_at: int
    ahead: int
    behind_at: int
    behind: int
    count: int = 1


def sightings(stamps: Iterable[tuple[int, int]]) -> Iterator[Sighting]:
    """Gather (arrival, reading) pairs, in the order of their arrival, second by second.

    >>> [seen] = sightings([(1_000, 900), (2_000, 1_500)])
    >>> seen.ahead, seen.behind, seen.count
    (-100, -500, 2)
    """
    second, differences = -1, list[tuple[int, int]]()
    for arrival, reading in stamps:
        if arrival // _SECOND != second and differences:
            yield _of(differences)
            differences = []
        second = arrival // _SECOND
        differences.append((reading - arrival, arrival))
    if differences:
        yield _of(differences)


def _of(differences: list[tuple[int, int]]) -> Sighting:
    (ahead, ahead_at), (behind, behind_at) = max(differences), min(differences)
    return Sighting(ahead_at, ahead, behind_at, behind, len(differences))
