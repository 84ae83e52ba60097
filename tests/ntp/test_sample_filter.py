from __future__ import annotations

import random

import pytest

from tidegauge.ntp.interval import Interval
from tidegauge.ntp.sample_filter import Sample, SampleFilter

SECOND, MILLISECOND = 10**9, 10**6


def follow(
    seed: int, *, skew_ppm: float, polls: int, every: int, jitter_ms: float
) -> tuple[SampleFilter, int]:
    """Answers of an honest server over paths of random length; returns what true minus raw is at the end."""
    dice = random.Random(seed)
    samples, truth = SampleFilter(), 0
    for number in range(polls):
        at = number * every * SECOND
        truth = 5 * 10**17 + int(at * skew_ppm / 1e6)
        there, back = (int(dice.expovariate(1 / jitter_ms) * MILLISECOND) for _ in range(2))
        samples.add(Sample(at, Interval.around(truth + (there - back) // 2, (there + back) // 2 + 2)))
    return samples, truth


@pytest.mark.parametrize("seed", range(20))
def test_the_truth_is_inside_and_the_interval_narrower_than_the_best_answer(seed: int) -> None:
    skew = random.Random(seed).uniform(-99, 99)
    samples, truth = follow(seed, skew_ppm=skew, polls=64, every=64, jitter_ms=5)
    interval = samples.interval_at(63 * 64 * SECOND)
    assert interval is not None
    assert interval.low <= truth <= interval.high
    assert interval.high - interval.low < 6 * MILLISECOND
    assert samples.restarts == 0
    # An hour of answers tells the frequency, so that waiting costs microseconds a second.
    assert samples.growth_per_second() < 10_000


def test_without_a_new_answer_the_interval_grows() -> None:
    samples = SampleFilter()
    assert samples.interval_at(0) is None
    samples.add(Sample(0, Interval(-1000, 1000)))
    now, later = samples.interval_at(0), samples.interval_at(SECOND)
    assert now is not None
    assert later is not None
    # 100 ppm for the unknown frequency and 1 ppm for its changes, to both sides.
    assert later.high - now.high == pytest.approx(101_000, abs=10)
    assert now.low - later.low == pytest.approx(101_000, abs=10)
    assert samples.growth_per_second() == pytest.approx(202_000, rel=0.01)


def test_a_server_that_contradicts_itself_is_believed_anew() -> None:
    samples = SampleFilter()
    for number in range(5):
        samples.add(Sample(number * 16 * SECOND, Interval(-1000, 1000)))
    samples.add(Sample(80 * SECOND, Interval.around(10**9, 1000)))
    assert samples.restarts == 1
    assert samples.interval_at(80 * SECOND) == pytest.approx(Interval.around(10**9, 1000), abs=5)


def test_what_is_two_hours_old_is_forgotten() -> None:
    samples = SampleFilter()
    samples.add(Sample(0, Interval(-10, 10)))
    samples.add(Sample(3 * 3600 * SECOND, Interval(10**9, 10**9 + 20)))
    assert samples.restarts == 0


def test_everything_can_be_forgotten() -> None:
    samples = SampleFilter()
    samples.add(Sample(0, Interval(-10, 10)))
    samples.clear()
    assert (samples.interval_at(0), samples.growth_per_second()) == (None, 0)
