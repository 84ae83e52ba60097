from __future__ import annotations

from math import sqrt
from random import Random

import pytest

from tidegauge.clock.probable_line import MOST_SIGHTINGS, ProbableLine, probable_line
from tidegauge.clock.sighting import sightings
from tidegauge.lab.header_clock import HeaderClock, irregular, locked

SECOND, MILLISECOND = 1_000_000_000, 1_000_000
ORIGIN = 1_800_000_000 * SECOND
FAST = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20)
SLOW = HeaderClock(origin=ORIGIN, offset=-300 * SECOND, skew_ppm=20)


def line_of(clock: HeaderClock, seconds: float, random: Random, rate: float = 5) -> ProbableLine:
    stamps = sorted(clock.stamps(irregular(clock.origin, seconds, rate, random), random))
    return probable_line(list(sightings(stamps)), clock.quantum)


def error(clock: HeaderClock, seconds: float, runs: int, rate: float = 5) -> float:
    """Root mean square in milliseconds, at the end of what was seen."""
    random, squares = Random(7), 0.0
    for _ in range(runs):
        moment = clock.origin + round(seconds * SECOND)
        found = line_of(clock, seconds, random, rate).offset_at(moment)
        squares += ((found - clock.offset_at(moment)) / MILLISECOND) ** 2
    return sqrt(squares / runs)


@pytest.mark.parametrize("clock", [FAST, SLOW])
def test_whole_seconds_tell_milliseconds_after_a_minute(clock: HeaderClock) -> None:
    assert error(clock, 60, runs=12) < 6.2
    assert error(clock, 600, runs=2) < 4


def test_milliseconds_tell_at_once() -> None:
    fine = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20, quantum=MILLISECOND)
    assert error(fine, 10, runs=20) < 5


@pytest.mark.parametrize("quantum", [1, 1000, MILLISECOND])
def test_fine_stamps_tell_all_but_the_least_delay(quantum: int) -> None:
    fine = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20, quantum=quantum)
    found = line_of(fine, 120, Random(14))
    missing = fine.offset_at(found.origin) - found.offset
    assert missing == pytest.approx(fine.least_delay, abs=0.4 * MILLISECOND)
    assert found.skew_ppm == pytest.approx(20, abs=6)
    assert found.skew_deviation_ppm < 6


def test_the_skew_and_the_delay_are_found_with_it() -> None:
    found = line_of(FAST, 1800, Random(8))
    assert found.skew_ppm == pytest.approx(20, abs=3)
    assert 2 * MILLISECOND < found.mean_delay < 10 * MILLISECOND
    assert abs(found.offset_at(ORIGIN) - FAST.offset) < 10 * MILLISECOND


def test_many_sightings_are_thinned_without_losing_the_line() -> None:
    stamps = list(FAST.stamps(irregular(ORIGIN, 3 * MOST_SIGHTINGS, 2, Random(9)), Random(10)))
    seen = list(sightings(sorted(stamps)))
    assert len(seen) > 2 * MOST_SIGHTINGS
    found = probable_line(seen, SECOND)
    assert abs(found.offset_at(found.origin) - FAST.offset_at(found.origin)) < 4 * MILLISECOND


def test_the_deviation_says_how_far_off_it_may_be() -> None:
    random, within = Random(11), 0
    for _ in range(20):
        found = line_of(FAST, 60, random)
        within += abs(found.offset_at(found.origin) - FAST.offset_at(found.origin)) < 3 * found.deviation
    assert within >= 16


def test_a_sender_locked_to_its_own_second_can_not_be_seen_through() -> None:
    stamps = FAST.stamps(locked(ORIGIN, 60, phase=0.4), Random(12))
    found = probable_line(list(sightings(stamps)), SECOND)
    assert abs(found.offset_at(found.origin) - FAST.offset_at(found.origin)) > 50 * MILLISECOND


def test_nothing_seen_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody observed"):
        probable_line([], SECOND)


def test_one_header_is_enough_for_a_guess() -> None:
    [stamp] = FAST.stamps([ORIGIN + SECOND // 3], Random(13))
    found = probable_line(list(sightings([stamp])), SECOND)
    assert 0 <= found.offset - (stamp[1] - stamp[0]) <= SECOND
