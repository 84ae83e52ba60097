from __future__ import annotations

import pytest

from tidegauge.ntp.clock_reading import ClockReading
from tidegauge.ntp.step_watch import Change, StepWatch

SECOND = 10**9
START = ClockReading(5 * SECOND, 1_795_000_000 * SECOND)


def after(seconds: float, *, wall_ahead: int = 0, slept: int = 0) -> ClockReading:
    passed = int(seconds * SECOND)
    return ClockReading(START.raw + passed, START.wall + passed + slept + wall_ahead, slept)


@pytest.mark.parametrize(
    ("reading", "change"),
    [
        (after(10), Change(0, has_slept=False)),
        (after(10, wall_ahead=300 * SECOND), Change(300 * SECOND, has_slept=False)),
        (after(10, wall_ahead=-SECOND), Change(-SECOND, has_slept=False)),
        (after(10, wall_ahead=10_000_000), Change(0, has_slept=False)),
        (after(10, wall_ahead=12_000_000), Change(12_000_000, has_slept=False)),
        (after(0.001, wall_ahead=900_000), Change(0, has_slept=False)),
        (after(10, slept=3600 * SECOND), Change(0, has_slept=True)),
    ],
)
def test_steps_are_told_from_steering_and_from_sleep(reading: ClockReading, change: Change) -> None:
    assert StepWatch(START).look(reading) == change


def test_a_step_is_told_once() -> None:
    watch = StepWatch(START)
    assert watch.look(after(1, wall_ahead=SECOND)).step == SECOND
    assert watch.look(after(2, wall_ahead=SECOND)).step == 0
