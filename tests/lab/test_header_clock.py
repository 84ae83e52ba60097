from __future__ import annotations

from random import Random

from tidegauge.lab.header_clock import HeaderClock, irregular, locked

SECOND = 1_000_000_000
ORIGIN = 1_800_000_000 * SECOND


def test_a_header_shows_whole_quanta_of_a_clock_that_is_wrong_by_what_is_said() -> None:
    clock = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20)
    moments = list(irregular(ORIGIN, 1000, 5, Random(1)))
    for moment, (arrival, reading) in zip(moments, clock.stamps(moments, Random(2)), strict=True):
        assert arrival >= moment + clock.least_delay
        assert reading % SECOND == 0
        assert 0 <= moment + clock.offset_at(moment) - reading < SECOND
    assert clock.offset_at(ORIGIN + 1000 * SECOND) == 300 * SECOND + 20_000_000


def test_moments_are_as_many_as_asked_for() -> None:
    assert 4500 < len(list(irregular(ORIGIN, 1000, 5, Random(3)))) < 5500
    phases = {moment % SECOND for moment in locked(ORIGIN, 60, phase=0.4)}
    assert phases == {400_000_000}
