from __future__ import annotations

from math import log

import pytest

from tidegauge.clock.delay_shape import LEAST, DelayShape

SHAPES = [DelayShape(1.0, 0.005), DelayShape(0.001, 0.005), DelayShape(1.0, 0.5), DelayShape(1e-6, 0.02)]


@pytest.mark.parametrize("shape", SHAPES)
def test_densities_add_up_to_shares(shape: DelayShape) -> None:
    reach = shape.quantum + 12 * shape.mean
    steps = 20_000
    width = reach / steps
    added = sum(shape.density((number + 0.5) * width) for number in range(steps)) * width
    assert added == pytest.approx(1, abs=1e-3)
    assert shape.share(reach) == pytest.approx(added, abs=1e-3)
    assert shape.share(shape.quantum) == pytest.approx(shape.share(shape.quantum * (1 + 1e-12)), rel=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("part", [0.001, 0.3, 0.999, 1.001, 3.0])
def test_slopes_are_those_of_the_values(shape: DelayShape, part: float) -> None:
    delay, step = part * shape.quantum, 1e-5 * min(shape.quantum, shape.mean)
    value, slope = shape.log_density(delay)
    assert shape.log_density(delay + step)[0] - value == pytest.approx(slope * step, rel=1e-2, abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("part", [0.001, 0.3, 0.999, 1.001])
@pytest.mark.parametrize("between", [0, 5])
def test_extremes_are_two_densities_and_the_share_between(
    shape: DelayShape, part: float, between: int
) -> None:
    short, step = part * shape.quantum, 1e-5 * min(shape.quantum, shape.mean)
    long = short + 2 * shape.mean
    value, by_short, by_between, by_long = shape.log_extremes(short, long, between)
    densities = shape.log_density(short)[0] + shape.log_density(long)[0]
    share = log(shape.share(long) - shape.share(short))
    assert value == pytest.approx(densities + between * share, rel=1e-6)
    assert (by_short, by_long) == pytest.approx((shape.log_density(short)[1], shape.log_density(long)[1]))
    later = shape.log_extremes(short + step, long + step, between)[0]
    assert later - value == pytest.approx((by_short + by_between + by_long) * step, rel=2e-2, abs=1e-9)


def test_the_tail_falls_in_a_straight_line_however_far() -> None:
    value, slope = DelayShape(0.001, 0.0001).log_density(10.0)
    assert slope == -10_000
    assert value < -90_000


@pytest.mark.parametrize("mean", [2e-5, 3e-3, 0.0249])
@pytest.mark.parametrize("part", [1e-9, 0.3, 1.0])
@pytest.mark.parametrize("between", [0, 1, 5])
def test_a_level_is_one_to_the_last_bit(mean: float, part: float, between: int) -> None:
    """Who fits lines takes what the shape says there without asking it, and must find the same lines."""
    shape = DelayShape(1.0, mean)
    short = shape.level_from + part * (shape.quantum - shape.level_from)
    assert shape.log_density(short) == (shape.log_level, 0.0)
    for long in (short, (short + shape.quantum) / 2, shape.quantum):
        share = max((long - mean) / shape.quantum - (short - mean) / shape.quantum, LEAST)
        value = shape.log_level + shape.log_level + between * log(share)
        assert shape.log_extremes(short, long, between) == (value, 0.0, 0.0, 0.0)
