from __future__ import annotations

import msgspec
import pytest

from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.ntp import own_clock
from tidegauge.ntp.interval import Interval
from tidegauge.ntp.own_clock import (
    CHRONY,
    KERNEL,
    NOBODY,
    SOURCES,
    OwnClock,
    best_judged,
    kernel_clock,
    read_own_clock,
)

UNKNOWN = OwnClock(None)
NO_SOURCES = OwnClock(None, NOBODY)


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
    bound = kernel_clock().bound
    assert bound is None or 0 < bound < 16 * 10**9


def test_a_chronyd_and_the_kernel_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_clock, "chrony_bound", lambda: 300)
    monkeypatch.setattr(own_clock, "kernel_clock", lambda: OwnClock(5000))
    assert read_own_clock() == OwnClock(300, CHRONY)

    def absent() -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(own_clock, "chrony_bound", absent)
    assert read_own_clock() == OwnClock(5000)
    monkeypatch.setattr(own_clock, "kernel_clock", absent)
    assert read_own_clock() == NO_SOURCES


def test_the_smallest_bound_counts() -> None:
    kernel, chrony = OwnClock(5000, KERNEL), OwnClock(300, CHRONY)
    assert best_judged(NO_SOURCES, [UNKNOWN, kernel, chrony]) == chrony
    assert best_judged(NO_SOURCES, [kernel]) == kernel
    sources = OwnClock.from_error(Interval(-100, 200), SOURCES)
    assert best_judged(sources, [kernel, chrony]) == sources
    assert best_judged(OwnClock.from_error(Interval(-10, 900), SOURCES), [kernel, chrony]) == chrony


def test_who_contradicts_our_own_measurement_is_not_believed() -> None:
    sources = OwnClock.from_error(Interval(10**9, 10**9 + 100), SOURCES)
    assert best_judged(sources, [OwnClock(5000, KERNEL)]) == sources


def test_nobody_knows_where_nobody_says() -> None:
    best = best_judged(NO_SOURCES, [UNKNOWN])
    assert (best.bound, best.source, best.interval) == (None, "none", None)


def test_a_bound_alone_lies_to_both_sides() -> None:
    assert OwnClock(7).interval == Interval(-7, 7)
    assert OwnClock.from_error(Interval(-3, 9), SOURCES).bound == 9


def test_what_is_passed_on_has_come_one_hop_farther() -> None:
    near = SourceJudgement(server="a", state="good", stratum=2)
    liar = SourceJudgement(server="b", state="falseticker", stratum=1)
    judged = ClockJudgement(at=0, judge="sources", low=-3, high=9, sources=(near, liar))
    assert OwnClock.from_judgement(judged) == OwnClock(9, SOURCES, Interval(-3, 9), 3)
    by_kernel = msgspec.structs.replace(judged, judge="kernel")
    assert OwnClock.from_judgement(by_kernel).stratum is None
    nobody = OwnClock.from_judgement(ClockJudgement(at=0, judge="none"))
    assert (nobody.is_synchronised, nobody.interval, nobody.stratum) == (False, None, None)
