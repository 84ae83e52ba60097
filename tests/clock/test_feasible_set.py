from __future__ import annotations

from collections.abc import Iterator
from random import Random
from statistics import median

import pytest

from tidegauge.clock.feasible_set import FeasibleSet, Limit, feasible_set
from tidegauge.clock.sighting import Sighting, sightings
from tidegauge.lab.header_clock import HeaderClock, irregular

SECOND, MILLISECOND = 1_000_000_000, 1_000_000
ORIGIN = 1_800_000_000 * SECOND
CAP = 250 * MILLISECOND


def one_way(seen: list[Sighting], quantum: int = SECOND, cap: int = CAP) -> FeasibleSet:
    floors = [Limit(each.ahead_at, each.ahead) for each in seen]
    ceilings = [Limit(each.behind_at, each.behind + quantum + cap) for each in seen]
    return feasible_set(floors, ceilings)


def seen_of(clock: HeaderClock, seconds: int, random: Random, rate: float = 5) -> list[Sighting]:
    return list(sightings(sorted(clock.stamps(irregular(clock.origin, seconds, rate, random), random))))


def clocks(random: Random, count: int) -> Iterator[HeaderClock]:
    """Clocks right and wrong, fast and slow, coarse and fine."""
    for _ in range(count):
        yield HeaderClock(
            origin=ORIGIN,
            offset=random.choice([-300, 0, 300]) * SECOND + random.randrange(-SECOND, SECOND),
            skew_ppm=random.uniform(-100, 100),
            quantum=random.choice([1, MILLISECOND, SECOND]),
        )


def test_the_truth_is_inside_whenever_the_assumptions_hold() -> None:
    random = Random(1)
    for clock in clocks(random, 200):
        seconds = random.choice([5, 60, 300])
        seen = seen_of(clock, seconds, random)
        assert max(clock.offset_at(each.behind_at) - each.behind for each in seen) <= clock.quantum + CAP
        found = one_way(seen, clock.quantum)
        for moment in (ORIGIN, ORIGIN + seconds * SECOND, ORIGIN + 2 * seconds * SECOND):
            low, high = found.bounds_at(moment)
            assert low is not None
            assert high is not None
            assert low <= clock.offset_at(moment) <= high
        slow, fast = found.skew_bounds()
        assert slow <= clock.skew_ppm <= fast


def test_the_bound_is_little_wider_than_the_delay_that_is_assumed() -> None:
    random = Random(2)
    clock = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20)
    widths = []
    for _ in range(25):
        low, high = one_way(seen_of(clock, 600, random)).bounds_at(ORIGIN + 600 * SECOND)
        assert low is not None
        assert high is not None
        widths.append(high - low)
    assert median(widths) <= CAP + 10 * MILLISECOND


def test_a_longer_look_tells_the_skew() -> None:
    random = Random(3)
    clock = HeaderClock(origin=ORIGIN, skew_ppm=20, quantum=MILLISECOND)
    short = one_way(seen_of(clock, 60, random), MILLISECOND).skew_bounds()
    long = one_way(seen_of(clock, 7200, random, rate=0.2), MILLISECOND).skew_bounds()
    assert short == (-100, 100)
    assert -20 < long[0] <= 20 <= long[1] < 60


def test_a_two_way_look_bounds_both_sides_without_an_assumption() -> None:
    sent, reading, back = ORIGIN, ORIGIN + 7 * SECOND + 4 * MILLISECOND, ORIGIN + 10 * MILLISECOND
    found = feasible_set([Limit(back, reading - back)], [Limit(sent, reading - sent)])
    low, high = found.bounds_at(ORIGIN)
    assert low is not None
    assert high is not None
    assert low <= 7 * SECOND - 6 * MILLISECOND < 7 * SECOND + 4 * MILLISECOND <= high
    assert high - low < 10 * MILLISECOND + 10_000


def test_a_side_that_nothing_bounds_is_none() -> None:
    assert feasible_set([Limit(ORIGIN, 5)], []).bounds_at(ORIGIN) == (3, None)
    assert feasible_set([], [Limit(ORIGIN, 5)]).bounds_at(ORIGIN) == (None, 7)
    with pytest.raises(ValueError, match="nobody observed"):
        feasible_set([], [])


@pytest.mark.parametrize("step", [400 * MILLISECOND, -400 * MILLISECOND, 3600 * SECOND, -3600 * SECOND])
def test_no_line_explains_a_clock_that_was_set(step: int) -> None:
    random = Random(4)
    before = seen_of(HeaderClock(origin=ORIGIN), 60, random)
    after = seen_of(HeaderClock(origin=ORIGIN + 60 * SECOND, offset=step), 60, random)
    assert not one_way(before).is_empty
    assert not one_way(after).is_empty
    assert one_way(before + after).is_empty
    with pytest.raises(ValueError, match="empty"):
        one_way(before + after).bounds_at(ORIGIN)


def test_a_delay_beyond_what_is_assumed_is_noticed_or_the_bound_still_holds() -> None:
    random = Random(5)
    clock = HeaderClock(origin=ORIGIN, mean_delay=20 * MILLISECOND)
    for _ in range(20):
        found = one_way(seen_of(clock, 120, random), cap=MILLISECOND)
        if not found.is_empty:
            assert (found.bounds_at(ORIGIN)[0] or 0) <= clock.offset_at(ORIGIN)
