from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.feasible_set import feasible_set
from tidegauge.clock.two_way import Crossing, Passing, difference_of_clocks, limits_of_exchange

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
NOON = 1_767_268_800 * SECOND


@dataclass(frozen=True)
class Device:
    """A clock that shows whole steps, and runs fast or slow from ``NOON`` on."""

    offset: int
    skew_ppm: int = 0
    step: int = 1

    def offset_at(self, instant: int) -> Fraction:
        return self.offset + Fraction(self.skew_ppm * (instant - NOON), 10**6)

    def sees(self, instant: int) -> Passing:
        shown = int(instant + self.offset_at(instant)) // self.step * self.step
        return Passing(shown, shown + self.step)


DEVICES = st.builds(
    Device,
    offset=st.integers(-86_400 * SECOND, 86_400 * SECOND),
    skew_ppm=st.integers(-100, 100),
    step=st.sampled_from([1, MILLISECOND, 64 * MILLISECOND, SECOND]),
)
WAYS = st.integers(0, SECOND)


@given(DEVICES, st.integers(0, 10**15), st.tuples(WAYS, WAYS, WAYS, WAYS))
def test_the_truth_lies_within_however_unequal_the_ways(
    device: Device, begun: int, ways: tuple[int, int, int, int]
) -> None:
    sent = NOON + begun
    question, answer = sent + ways[0], sent + sum(ways[:3])
    received = sent + sum(ways)
    for seen in ([question], [answer], [question, answer]):
        floor, ceiling = limits_of_exchange(sent, received, [device.sees(moment) for moment in seen])
        assert floor.offset <= device.offset_at(floor.at)
        assert device.offset_at(ceiling.at) <= ceiling.offset


@given(DEVICES, WAYS, st.integers(0, 10 * SECOND), st.integers(-(2**20), 2**20))
def test_the_truth_lies_within_when_our_own_clock_is_off(
    device: Device, way: int, bound: int, part: int
) -> None:
    ours = bound * part // 2**20  # our clock minus the true time
    sent, passed, received = NOON, NOON + way, NOON + 2 * way
    floor, ceiling = limits_of_exchange(sent + ours, received + ours, [device.sees(passed)], bound)
    assert floor.offset <= device.offset_at(received)
    assert device.offset_at(sent) <= ceiling.offset
    assert ceiling.offset - floor.offset <= 2 * way + device.step + 2 * bound + bound // 4_000 + 2


def test_with_both_directions_the_bound_is_as_wide_as_the_way_to_the_exporter_and_back() -> None:
    """The exporter is 1 ms away, the server 40 ms behind it."""
    slow = Device(-300 * SECOND, step=MILLISECOND)
    sent, received = NOON, NOON + 42 * MILLISECOND
    question, answer = slow.sees(NOON + MILLISECOND), slow.sees(NOON + 41 * MILLISECOND)
    widths = []
    for seen in ([question], [question, answer]):
        floor, ceiling = limits_of_exchange(sent, received, seen)
        assert floor.offset <= -300 * SECOND <= ceiling.offset
        widths.append(ceiling.offset - floor.offset)
    assert widths == [43 * MILLISECOND, 3 * MILLISECOND]


def test_several_exchanges_narrow_the_bound_and_show_the_skew() -> None:
    device = Device(300 * SECOND, skew_ppm=20, step=MILLISECOND)
    floors, ceilings = [], []
    for number in range(60):
        sent = NOON + number * 64 * SECOND + number * 123_456
        floor, ceiling = limits_of_exchange(sent, sent + 2 * MILLISECOND, [device.sees(sent + MILLISECOND)])
        floors.append(floor)
        ceilings.append(ceiling)
    found = feasible_set(floors, ceilings)
    low, high = found.bounds_at(ceilings[-1].at)
    assert low is not None
    assert high is not None
    assert low <= device.offset_at(ceilings[-1].at) <= high
    assert high - low < 3 * MILLISECOND
    slowest, fastest = found.skew_bounds()
    assert 20 - 2 < slowest <= 20 <= fastest < 20 + 2


def test_our_own_clock_set_in_between_is_refused() -> None:
    with pytest.raises(ValueError, match="our own clock was set"):
        limits_of_exchange(NOON, NOON - 1, [Passing(NOON, NOON)])
    with pytest.raises(ValueError, match="no exporter"):
        limits_of_exchange(NOON, NOON + 1, [])


@given(DEVICES, DEVICES, st.tuples(WAYS, WAYS, WAYS))
def test_two_exporters_on_one_path_bound_each_other(
    near: Device, far: Device, ways: tuple[int, int, int]
) -> None:
    moments = [NOON, NOON + ways[0], NOON + sum(ways[:2]), NOON + sum(ways)]
    low, high = difference_of_clocks(
        Crossing(near.sees(moments[0]), near.sees(moments[3])),
        Crossing(far.sees(moments[1]), far.sees(moments[2])),
    )
    # Clocks that drift by at most 100 ppm each move by less than this in three seconds.
    drift = 2 * 100e-6 * sum(ways)
    truth = far.offset_at(NOON) - near.offset_at(NOON)
    assert low - drift <= truth <= high + drift
    assert high - low == pytest.approx(ways[0] + ways[2], abs=near.step * 2 + far.step * 2 + 2 * drift + 4)


def test_the_wrong_order_of_two_exporters_shows() -> None:
    near, far = Device(0), Device(5 * SECOND)
    crossings = [
        Crossing(near.sees(NOON), near.sees(NOON + 40)),
        Crossing(far.sees(NOON + 10), far.sees(NOON + 30)),
    ]
    low, high = difference_of_clocks(*crossings)
    assert low <= 5 * SECOND <= high
    low, high = difference_of_clocks(*reversed(crossings))
    assert low > high


def test_the_bound_is_at_most_the_best_way_to_the_exporter_and_back_and_the_step_wide() -> None:
    """An hour of polls, a minute apart, over ways as uneven as they come; the truth never outside."""
    for seed in range(60):
        chance = random.Random(seed)
        step = chance.choice([1, MILLISECOND, 10 * MILLISECOND])
        device = Device(chance.randrange(-400, 400) * SECOND, chance.randrange(-80, 80), step)
        floors, ceilings, ways = [], [], []
        for number in range(60):
            sent = NOON + number * 60 * SECOND + chance.randrange(SECOND)
            legs = [round(chance.expovariate(1 / mean) * MILLISECOND) + 200_000 for mean in (1, 20, 20, 3)]
            seen = [device.sees(sent + legs[0]), device.sees(sent + sum(legs[:3]))]
            floor, ceiling = limits_of_exchange(sent, sent + sum(legs), seen)
            floors.append(floor)
            ceilings.append(ceiling)
            ways.append(legs[0] + legs[3])
        low, high = feasible_set(floors, ceilings).bounds_at(ceilings[-1].at)
        assert low is not None
        assert high is not None
        assert low <= device.offset_at(ceilings[-1].at) <= high
        # At the end of the hour the skew is known from both sides, but not without error.
        assert high - low <= min(ways) + step + MILLISECOND
