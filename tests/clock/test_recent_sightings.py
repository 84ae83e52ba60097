from __future__ import annotations

from tidegauge.clock.hard_window import EVEN_FOR
from tidegauge.clock.recent_sightings import MOST, RecentSightings
from tidegauge.clock.sighting import Sighting

SECOND = 1_000_000_000


def sighting(second: int, ahead: int = 0) -> Sighting:
    at = second * SECOND
    return Sighting(at, ahead, at, ahead - 5, 2)


def test_few_are_kept_as_they_are() -> None:
    recent = RecentSightings()
    for second in range(MOST):
        recent.add(sighting(second))
    assert recent.rows == tuple(sighting(second) for second in range(MOST))


def test_of_many_the_extremes_of_neighbours_are_kept() -> None:
    recent = RecentSightings()
    for second in range(MOST + 1):
        recent.add(sighting(second, ahead=second % 2))
    assert len(recent.rows) == MOST // 2 + 1
    assert recent.rows[0] == Sighting(1 * SECOND, 1, 0, -5, 4)
    assert sum(row.count for row in recent.rows) == 2 * (MOST + 1)


def test_what_is_an_hour_old_is_forgotten() -> None:
    recent = RecentSightings()
    for second in range(3 * EVEN_FOR // SECOND):
        recent.add(sighting(second))
    assert len(recent.rows) <= MOST
    assert recent.rows[0].ahead_at > EVEN_FOR
