from __future__ import annotations

from random import Random

import pytest

from tidegauge.clock.feasible_set import Limit
from tidegauge.clock.sighting import sightings
from tidegauge.clock.stretch import GRID, Stretch, stretches
from tidegauge.lab.header_clock import HeaderClock, irregular

SECOND, MILLISECOND = 1_000_000_000, 1_000_000
ORIGIN = 1_800_000_000 * SECOND
HOUR = 3600 * SECOND


def stamps_of(clock: HeaderClock, seconds: float, random: Random) -> list[tuple[int, int]]:
    return list(clock.stamps(irregular(clock.origin, seconds, 0.5, random), random))


def stretches_of(stamps: list[tuple[int, int]], quantum: int) -> list[Stretch]:
    return stretches((seen, quantum) for seen in sightings(sorted(stamps)))


def assert_holds(stretch: Stretch, clock: HeaderClock) -> None:
    for part in range(11):
        instant = stretch.since + (stretch.until - stretch.since) * part // 10
        passed = (instant - stretch.since) / (stretch.until - stretch.since)
        offset = stretch.first + (stretch.last - stretch.first) * passed
        assert stretch.below is not None
        assert stretch.above is not None
        assert offset - stretch.below <= clock.offset_at(instant) <= offset + stretch.above


@pytest.mark.parametrize("quantum", [MILLISECOND, SECOND])
def test_the_truth_is_inside_all_through_three_hours(quantum: int) -> None:
    random = Random(4)
    clock = HeaderClock(origin=ORIGIN, offset=-300 * SECOND, skew_ppm=-40, quantum=quantum)
    found = stretches_of(stamps_of(clock, 3 * 3600, random), quantum)
    assert [each.until - each.since for each in found] == [GRID] * 6
    assert all(each.since % GRID == 0 for each in found)
    for each in found:
        assert_holds(each, clock)
        assert each.below is not None
        assert each.above is not None
        assert each.below + each.above < 300 * MILLISECOND
        assert each.former is None


def test_a_step_ends_one_stretch_and_begins_another_that_knows_what_was_before() -> None:
    random = Random(5)
    moment = ORIGIN + 1200 * SECOND
    before = HeaderClock(origin=ORIGIN, offset=300 * SECOND, quantum=MILLISECOND)
    after = HeaderClock(origin=moment, offset=0, quantum=MILLISECOND)
    found = stretches_of(stamps_of(before, 1199, random) + stamps_of(after, 1800, random), MILLISECOND)
    step = next(each for each in found if each.former is not None)
    assert moment <= step.since == step.began <= moment + 20 * SECOND
    assert abs((step.former or 0) - 300 * SECOND) < 5 * MILLISECOND
    for each in found:
        if each.until <= moment:
            assert_holds(each, before)
        if each.since >= step.began:
            assert_holds(each, after)
    assert [one.until for one in found[:-1]] == [other.since for other in found[1:]]


def test_a_step_that_shows_late_leaves_no_bound_that_denies_it() -> None:
    random = Random(6)
    moment = ORIGIN + 600 * SECOND
    before = HeaderClock(origin=ORIGIN, offset=-300 * SECOND, quantum=SECOND)
    after = HeaderClock(origin=moment, offset=-300 * SECOND - 700 * MILLISECOND, quantum=SECOND)
    found = stretches_of(stamps_of(before, 599, random) + stamps_of(after, 900, random), SECOND)
    for each in found:
        for instant in range(each.since, each.until, 30 * SECOND):
            clock = before if instant < moment else after
            offset = each.first + (each.last - each.first) * (instant - each.since) / (
                each.until - each.since
            )
            if ORIGIN <= instant < ORIGIN + 1500 * SECOND:
                assert each.below is not None
                assert offset - each.below <= clock.offset_at(instant), (instant - moment) / SECOND


def test_hard_limits_narrow_what_headers_alone_leave_open() -> None:
    random = Random(7)
    clock = HeaderClock(origin=ORIGIN, offset=2 * MILLISECOND, quantum=MILLISECOND)
    seen = [(each, MILLISECOND) for each in sightings(sorted(stamps_of(clock, 600, random)))]
    at = [ORIGIN + place * 60 * SECOND for place in range(1, 10)]
    floors = [Limit(instant, clock.offset_at(instant) - 50_000) for instant in at]
    ceilings = [Limit(instant, clock.offset_at(instant) + 50_000) for instant in at]
    [wide], [narrow] = stretches(seen), stretches(seen, floors, ceilings)
    assert (wide.below or 0) + (wide.above or 0) > 200 * MILLISECOND
    assert (narrow.below or 0) + (narrow.above or 0) < 2 * MILLISECOND
    assert_holds(narrow, clock)


def test_what_was_before_is_told_only_where_the_clock_was_set_then() -> None:
    random = Random(8)
    moment = ORIGIN + 5000 * SECOND
    before = HeaderClock(origin=ORIGIN, offset=300 * SECOND, quantum=MILLISECOND)
    after = HeaderClock(origin=moment, offset=0, quantum=MILLISECOND)
    stamps = stamps_of(before, 4999, random) + stamps_of(after, 4000, random)
    seen = [(each, MILLISECOND) for each in sightings(sorted(stamps))]
    whole = stretches(seen)
    [step] = [
        number for number, each in enumerate(whole) if each.former is not None and each.since == each.began
    ]
    since = whole[step + 1].until
    assert stretches(seen, since=since) == [whole[step - 1], *whole[step + 2 :]]


def test_nothing_seen_is_no_stretch() -> None:
    assert stretches([]) == []
