from __future__ import annotations

from random import Random

import pytest

from tidegauge.clock.epoch import Cause, Epoch
from tidegauge.clock.epochs import MOST_EPOCHS, UPTIME_CYCLE, Epochs
from tidegauge.clock.feasible_set import Limit
from tidegauge.clock.sighting import sightings
from tidegauge.lab.header_clock import HeaderClock, irregular, locked

SECOND, MILLISECOND = 1_000_000_000, 1_000_000
ORIGIN = 1_800_000_000 * SECOND
DAY = 86_400 * SECOND
Stamps = list[tuple[int, int]]


def stamps_of(clock: HeaderClock, seconds: float, random: Random, rate: float = 5) -> Stamps:
    return list(clock.stamps(irregular(clock.origin, seconds, rate, random), random))


def epochs_of(stamps: Stamps, quantum: int = SECOND, cycle: int | None = None) -> Epochs:
    found = Epochs(cycle=cycle)
    found.see_all((seen, quantum) for seen in sightings(sorted(stamps)))
    return found


def stepped(
    step: float, random: Random, rate: float = 5, quantum: int = SECOND
) -> tuple[Stamps, HeaderClock]:
    """A clock 300 s fast that is set after two minutes; its stamps of four, and the clock it then is."""
    before = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20, quantum=quantum)
    moment = ORIGIN + 120 * SECOND
    offset = before.offset_at(moment) + round(step * SECOND)
    after = HeaderClock(origin=moment, offset=offset, skew_ppm=20, quantum=quantum)
    return stamps_of(before, 119.9, random, rate) + stamps_of(after, 120, random, rate), after


def assert_holds(epoch: Epoch, clock: HeaderClock) -> None:
    low, high = epoch.bounds_at(epoch.until)
    assert low is not None
    assert low <= clock.offset_at(epoch.until)
    assert high is None or clock.offset_at(epoch.until) <= high


def test_a_clock_that_runs_evenly_has_one_epoch_and_its_truth_is_inside() -> None:
    random = Random(1)
    for _ in range(40):
        clock = HeaderClock(
            origin=ORIGIN,
            offset=random.choice([-300, 0, 300]) * SECOND + random.randrange(SECOND),
            skew_ppm=random.uniform(-99, 99),
            quantum=random.choice([1, MILLISECOND, SECOND]),
        )
        stamps = stamps_of(clock, random.choice([10, 60, 300]), random, random.choice([0.2, 1, 5]))
        [epoch] = epochs_of(stamps, clock.quantum).epochs
        assert epoch.cause is Cause.START
        assert_holds(epoch, clock)


@pytest.mark.parametrize("step", [0.4, -0.4, 1.0, -1.0, 3600.0, -3600.0])
@pytest.mark.parametrize("quantum", [MILLISECOND, SECOND])
def test_a_step_is_found_within_seconds_and_both_sides_keep_their_own_bounds(
    step: float, quantum: int
) -> None:
    stamps, after = stepped(step, Random(1), quantum=quantum)
    first, second = epochs_of(stamps, quantum).epochs
    assert second.cause is Cause.STEP
    assert 0 <= second.began - after.origin <= 10 * SECOND
    assert_holds(second, after)
    assert first.until <= second.began
    low, high = first.bounds_at(after.origin)
    assert low is not None
    assert high is not None
    assert low <= 300 * SECOND + 2_400_000 <= high
    size = second.offset_at(second.began) - first.offset_at(second.began)
    assert size == pytest.approx(step * SECOND, abs=0.05 * SECOND)


def test_a_step_seen_by_few_headers_is_found_too() -> None:
    stamps, after = stepped(-1.0, Random(4), rate=0.2)
    assert [epoch.cause for epoch in epochs_of(stamps).epochs] == [Cause.START, Cause.STEP]
    assert_holds(epochs_of(stamps).epochs[-1], after)


@pytest.mark.parametrize("days", [0.01, 7, 30, 45])
def test_an_uptime_that_begins_anew_is_a_reboot(days: float) -> None:
    random, boot = Random(5), ORIGIN - round(days * DAY)
    before = HeaderClock(origin=ORIGIN, offset=-boot, quantum=MILLISECOND)
    after = HeaderClock(origin=ORIGIN + 60 * SECOND, offset=-(ORIGIN + 40 * SECOND), quantum=MILLISECOND)
    stamps = stamps_of(before, 30, random) + stamps_of(after, 60, random)
    first, second = epochs_of(stamps, MILLISECOND, UPTIME_CYCLE).epochs
    assert (first.cause, second.cause) == (Cause.START, Cause.REBOOT)
    assert second.began >= after.origin


def test_the_wrap_of_an_uptime_is_no_reboot() -> None:
    boot = ORIGIN - UPTIME_CYCLE + 30 * SECOND
    clock = HeaderClock(origin=ORIGIN, offset=-boot, quantum=MILLISECOND)
    stamps = [(arrival, reading % UPTIME_CYCLE) for arrival, reading in stamps_of(clock, 60, Random(6))]
    assert min(reading for _, reading in stamps) < 30 * SECOND
    [epoch] = epochs_of(stamps, MILLISECOND, UPTIME_CYCLE).epochs
    assert_holds(epoch, clock)


def test_late_datagrams_are_no_step() -> None:
    clock = HeaderClock(origin=ORIGIN, quantum=MILLISECOND)
    stamps = stamps_of(clock, 120, Random(7))
    stamps = [
        (arrival + 400 * MILLISECOND * (number % 50 == 49), reading)
        for number, (arrival, reading) in enumerate(stamps)
    ]
    [epoch] = epochs_of(stamps, MILLISECOND).epochs
    assert epoch.late > 5
    assert_holds(epoch, clock)


def test_what_lies_between_a_step_back_and_a_return_is_doubted() -> None:
    """A minute in which every datagram takes 400 ms looks like a clock set back and put right again."""
    clock = HeaderClock(origin=ORIGIN, quantum=MILLISECOND)
    stamps = [
        (arrival + 400 * MILLISECOND * (60 < (arrival - ORIGIN) / SECOND < 120), reading)
        for arrival, reading in stamps_of(clock, 180, Random(8))
    ]
    before, between, after = epochs_of(stamps, MILLISECOND).epochs
    assert (between.is_doubtful, after.cause) == (True, Cause.RETURN)
    for epoch in (before, between, after):
        assert_holds(epoch, clock)
    assert between.bounds_at(between.until)[1] is None


def test_a_sender_locked_to_its_second_says_what_cannot_be_known() -> None:
    clock = HeaderClock(origin=ORIGIN, offset=300 * SECOND)
    stamps = list(clock.stamps(locked(ORIGIN, 700, phase=0.4), Random(9)))
    [epoch] = epochs_of(stamps).epochs
    low, high = epoch.bounds_at(epoch.until)
    assert epoch.is_phase_locked
    assert low is not None
    assert high is not None
    assert high - low > SECOND
    assert_holds(epoch, clock)
    free = epochs_of(stamps_of(clock, 700, Random(9), rate=1)).epochs[-1]
    assert not free.is_phase_locked


def test_batches_of_a_minute_bound_the_clock_though_slowly() -> None:
    clock = HeaderClock(origin=ORIGIN, offset=-300 * SECOND, skew_ppm=20)
    moments = [ORIGIN + minute * 60 * SECOND + n * 3 * MILLISECOND for minute in range(40) for n in range(20)]
    [epoch] = epochs_of(list(clock.stamps(moments, Random(10)))).epochs
    assert epoch.is_phase_locked
    assert_holds(epoch, clock)


def test_two_way_looks_narrow_the_bound_to_their_round_trip() -> None:
    clock = HeaderClock(origin=ORIGIN, offset=300 * SECOND)
    found = epochs_of(stamps_of(clock, 60, Random(11)))
    moment = ORIGIN + 60 * SECOND
    passed = clock.offset_at(moment)
    floor, ceiling = (Limit(moment, passed + side * 2 * MILLISECOND) for side in (-1, 1))
    found.limit([floor], [ceiling])
    low, high = found.epochs[-1].bounds_at(moment)
    assert low == pytest.approx(floor.offset, abs=5)
    assert high == pytest.approx(ceiling.offset, abs=5)
    found.limit(ceilings=[Limit(moment, passed - 9 * SECOND)])
    assert found.epochs[-1].bounds_at(moment) == (low, high)


def test_a_two_way_look_above_all_that_is_possible_takes_the_upper_bound_away() -> None:
    """All datagrams take 400 ms: the cap does not hold, and only a look from both sides can tell."""
    clock = HeaderClock(origin=ORIGIN, quantum=MILLISECOND, least_delay=400 * MILLISECOND)
    stamps, moment = stamps_of(clock, 60, Random(13)), ORIGIN + 30 * SECOND
    found = Epochs()
    found.see_all(
        ((seen, MILLISECOND) for seen in sightings(sorted(stamps))),
        [Limit(moment, -MILLISECOND)],
        [Limit(moment, MILLISECOND)],
    )
    [epoch] = found.epochs
    assert epoch.bounds_at(moment)[1] is None
    assert_holds(epoch, clock)


def test_limits_are_of_the_epoch_that_ran_at_their_moment() -> None:
    stamps, after = stepped(-3600.0, Random(14))
    early, late = ORIGIN + 100 * SECOND, after.origin + 100 * SECOND
    truths = {early: 300 * SECOND + 2_000_000, late: after.offset_at(late)}
    found = Epochs()
    found.see_all(
        ((seen, SECOND) for seen in sightings(sorted(stamps))),
        [Limit(at, truth - MILLISECOND) for at, truth in truths.items()],
        [Limit(at, truth + MILLISECOND) for at, truth in truths.items()],
    )
    for epoch, (at, truth) in zip(found.epochs, truths.items(), strict=True):
        low, high = epoch.bounds_at(at)
        assert low == pytest.approx(truth - MILLISECOND, abs=5)
        assert high == pytest.approx(truth + MILLISECOND, abs=5)


def test_what_is_no_clock_is_not_remembered_for_ever() -> None:
    random, found = Random(12), Epochs()
    for number in range(3 * MOST_EPOCHS):
        clock = HeaderClock(origin=ORIGIN + number * SECOND, offset=number * 10 * SECOND)
        found.see_all((seen, SECOND) for seen in sightings(stamps_of(clock, 1, random)))
    assert len(found.epochs) == MOST_EPOCHS


def test_limits_before_anything_was_seen_are_dropped() -> None:
    found = Epochs()
    found.limit([Limit(ORIGIN, 0)], [])
    assert found.epochs == []
