from __future__ import annotations

from tidegauge.clock.sighting import Sighting, sightings

SECOND = 1_000_000_000


def test_a_second_keeps_its_extremes_and_when_they_arrived() -> None:
    stamps = [(10, 5), (20, 19), (30, 10), (SECOND + 5, SECOND)]
    assert list(sightings(stamps)) == [Sighting(20, -1, 30, -20, 3), Sighting(SECOND + 5, -5, SECOND + 5, -5)]


def test_nothing_seen_is_no_sighting() -> None:
    assert list(sightings([])) == []
