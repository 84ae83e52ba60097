from __future__ import annotations

import pytest

from tidegauge.clock.feasible_set import Limit
from tidegauge.clock.hard_window import EVEN_FOR, HardWindow

SECOND, MILLISECOND = 1_000_000_000, 1_000_000
ORIGIN = 1_800_000_000 * SECOND


def filled(drift_ppm: float, seconds: int, every: int = 10) -> HardWindow:
    """Limits 10 ms to either side of a clock that drifts, for so long."""
    window = HardWindow([Limit(ORIGIN, -10 * MILLISECOND)], [Limit(ORIGIN, 10 * MILLISECOND)])
    for second in range(every, seconds + 1, every):
        at, offset = ORIGIN + second * SECOND, round(drift_ppm * second * 1000)
        window.add([Limit(at, offset - 10 * MILLISECOND)], [Limit(at, offset + 10 * MILLISECOND)])
    return window


def test_limits_of_the_past_hour_count() -> None:
    window = filled(20, 1800)
    low, high = window.skew_bounds()
    assert low <= 20 <= high < low + 25
    assert window.excludes_floor(Limit(ORIGIN + 1800 * SECOND, 50 * MILLISECOND))
    assert window.excludes_ceiling(Limit(ORIGIN + 1800 * SECOND, 20 * MILLISECOND))
    assert not window.excludes_ceiling(Limit(ORIGIN + 1800 * SECOND, 36 * MILLISECOND))


def test_a_clock_whose_drift_changes_over_hours_stays_possible() -> None:
    """It drifts more from the second hour on: no straight line explains all, but the first is forgotten."""
    window = filled(20, 3600)
    for second in range(3610, 3 * 3600, 10):
        at, offset = ORIGIN + second * SECOND, round(20 * 3600 * 1000 + 26 * (second - 3600) * 1000)
        window.add([Limit(at, offset - 10 * MILLISECOND)], [])
        window.add([], [Limit(at, offset + 10 * MILLISECOND)])
        assert not window.lines.is_empty
    low, high = window.skew_bounds()
    assert low <= 26 <= high < 32


def test_it_costs_the_same_for_ever() -> None:
    window = filled(20, 4 * EVEN_FOR // SECOND, every=60)
    assert len(window.lines.corners) < 20


def test_it_goes_back_to_what_was_possible_before() -> None:
    window = filled(0, 60)
    before = window.lines
    window.add([Limit(ORIGIN + 61 * SECOND, 9 * MILLISECOND)], [])
    assert window.bounds_at(ORIGIN + 61 * SECOND) != before.bounds_at(ORIGIN + 61 * SECOND)
    window.restore(before)
    assert window.bounds_at(ORIGIN + 61 * SECOND) == before.bounds_at(ORIGIN + 61 * SECOND)


def test_a_limit_that_only_rounding_excludes_does_no_harm() -> None:
    window = filled(0, 60)
    _, high = window.bounds_at(ORIGIN + 60 * SECOND)
    assert high is not None
    for excess in range(-3, 3):
        window.add([Limit(ORIGIN + 60 * SECOND, high + excess)], [])
        assert not window.lines.is_empty


def test_without_a_limit_there_is_no_window() -> None:
    with pytest.raises(ValueError, match="nobody observed"):
        HardWindow([], [])
    window = filled(0, 10)
    before = window.lines
    window.add([], [])
    assert window.lines == before
