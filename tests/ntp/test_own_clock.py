from __future__ import annotations

import pytest

from tidegauge.ntp.own_clock import OwnClock, read_own_clock


@pytest.mark.parametrize(
    ("maximum_error_us", "bound", "source"),
    [(1_500, 1_500_000, "kernel"), (15_999_999, 15_999_999_000, "kernel"), (16_000_000, None, "none")],
)
def test_sixteen_seconds_mean_that_nobody_knows(
    maximum_error_us: int, bound: int | None, source: str
) -> None:
    clock = OwnClock.from_kernel_error(maximum_error_us)
    assert (clock.bound, clock.source, clock.is_synchronised) == (bound, source, bound is not None)


def test_the_kernel_can_be_asked_without_any_right() -> None:
    bound = read_own_clock().bound
    assert bound is None or 0 < bound < 16 * 10**9
