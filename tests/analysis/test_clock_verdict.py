from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.analysis.test_clock_sightings import headers
from tests.sample_lake import NOON, SECOND
from tidegauge.analysis.clock_verdict import uptime_verdict, wall_verdict
from tidegauge.clock.epochs import UPTIME_CYCLE, Epochs
from tidegauge.clock.sighting import sightings
from tidegauge.lab.header_clock import HeaderClock, locked

MILLISECOND = 1_000_000
ASSUMED = ["delay at most 250 ms", "skew at most 100 ppm"]


def seen(stamps: list[tuple[int, int]], quantum: int = SECOND, cycle: int | None = None) -> Epochs:
    found = Epochs(cycle=cycle)
    found.see_all((each, quantum) for each in sightings(sorted(stamps)))
    return found


def told_of(clock: HeaderClock, seconds: float = 120) -> dict[str, Any]:
    return wall_verdict(seen(headers(clock, seconds, rate=5), clock.quantum))


def set_by(step: float, quantum: int = MILLISECOND, start: float = 0.0) -> list[tuple[int, int]]:
    """Headers of a clock that is set after a minute."""
    before = HeaderClock(origin=NOON, offset=round(start * SECOND), quantum=quantum)
    offset = round((start + step) * SECOND)
    after = HeaderClock(origin=NOON + 60 * SECOND, offset=offset, quantum=quantum)
    return headers(before, 59) + headers(after, 60)


@pytest.mark.parametrize("error", [300, -300])
def test_a_wrong_clock_is_told_with_its_error_and_what_that_rests_on(error: int) -> None:
    told = told_of(HeaderClock(origin=NOON, offset=error * SECOND))
    assert told["state"] == "wrong"
    assert told["offset_seconds"] == pytest.approx(error, abs=0.01)
    assert told["offset_low"] <= error <= told["offset_high"] < told["offset_low"] + 0.3
    assert told["note"] == f"300.0 s {'fast' if error > 0 else 'slow'}"
    assert (told["method"], told["assumptions"], told["corrected"]) == ("fitted to headers", ASSUMED, False)


@pytest.mark.parametrize("error", [-2, 0, 2])
def test_two_milliseconds_are_left_alone(error: int) -> None:
    told = told_of(HeaderClock(origin=NOON, offset=error * MILLISECOND, quantum=MILLISECOND))
    assert told["state"] == "good"
    assert told["offset_low"] < told["offset_seconds"] < told["offset_high"]
    assert told["note"].startswith("off by at most 2")


def test_a_tenth_of_a_second_is_proven_where_headers_tell_milliseconds() -> None:
    told = told_of(HeaderClock(origin=NOON, offset=100 * MILLISECOND, quantum=MILLISECOND))
    assert told["state"] == "wrong"
    assert told["note"].endswith(" ms fast")
    assert told["offset_seconds"] == pytest.approx(0.1, abs=0.002)


def test_local_time_is_recognised() -> None:
    told = told_of(HeaderClock(origin=NOON, offset=7200 * SECOND))
    assert told["note"] == "7200.0 s fast; as a clock set to local time at UTC+2 h would be"


def test_the_drift_is_told_once_it_can_be() -> None:
    assert told_of(HeaderClock(origin=NOON, skew_ppm=20))["drift_ppm"] is None
    told = told_of(HeaderClock(origin=NOON, skew_ppm=20, quantum=MILLISECOND))
    assert told["drift_ppm"] == pytest.approx(20, abs=5)


@pytest.mark.parametrize(
    ("step", "named"),
    [
        (-1.0, " (as a leap second would)"),
        (3600.0, " (as a change of local time would)"),
        (-300.0, ""),
    ],
)
def test_a_step_is_told_with_its_size_moment_and_cause(step: float, named: str) -> None:
    told = wall_verdict(seen(set_by(step, start=-step), MILLISECOND))
    assert told["state"] == "stepped"
    assert f"stepped by {step:+.1f} s at 2026-01-01T12:01:0" in told["note"]
    assert told["note"].endswith(f"Z{named}")


def test_a_clock_that_was_set_wrong_is_wrong_first_of_all() -> None:
    told = wall_verdict(seen(set_by(-300.0), MILLISECOND))
    assert told["state"] == "wrong"
    assert told["note"].startswith("300.0 s slow; stepped by -300.0 s at ")


def test_a_step_that_late_datagrams_can_explain_is_told_as_such() -> None:
    told = wall_verdict(seen(set_by(0.251, quantum=1), 1))
    assert told["note"].endswith("or datagrams were later than assumed") or "stepped by +25" in told["note"]


def test_a_sender_locked_to_its_second_is_no_better_known_than_that() -> None:
    clock = HeaderClock(origin=NOON, offset=SECOND // 5)
    told = wall_verdict(seen(list(clock.stamps(locked(NOON, 700, phase=0.4), Random(1)))))
    assert told["state"] == "phase_locked"
    assert told["offset_high"] - told["offset_low"] > 1
    assert told["offset_seconds"] == pytest.approx((told["offset_low"] + told["offset_high"]) / 2)
    assert told["method"] == "header minus arrival"
    assert "; sends at one moment of its second, so no wait tells more than to within 1.2 s" in told["note"]


def test_a_wrong_clock_of_a_locked_sender_is_told_by_the_middle_of_its_bounds() -> None:
    clock = HeaderClock(origin=NOON, offset=300 * SECOND)
    told = wall_verdict(seen(list(clock.stamps(locked(NOON, 700, phase=0.4), Random(1)))))
    assert (told["state"], told["method"]) == ("wrong", "header minus arrival")
    assert told["offset_seconds"] == pytest.approx((told["offset_low"] + told["offset_high"]) / 2)


def test_of_few_headers_only_the_bounds_are_told() -> None:
    clock = HeaderClock(origin=NOON)
    told = wall_verdict(seen(headers(clock, 60, rate=0.1)))
    assert (told["state"], told["method"]) == ("raw", "header minus arrival")
    assert told["offset_low"] <= 0 <= told["offset_high"]


def test_late_datagrams_are_told() -> None:
    stamps = headers(HeaderClock(origin=NOON, quantum=MILLISECOND), 120, rate=5)
    late = [
        (arrival + 400 * MILLISECOND * (number % 50 == 49), reading)
        for number, (arrival, reading) in enumerate(stamps)
    ]
    told = wall_verdict(seen(late, MILLISECOND))
    assert told["state"] == "good"
    assert "datagrams came later than 250 ms in " in told["note"]


def test_where_delays_are_long_no_upper_bound_is_claimed() -> None:
    told = told_of(HeaderClock(origin=NOON, quantum=MILLISECOND, mean_delay=60 * MILLISECOND))
    assert told["offset_low"] <= 0
    assert told["offset_high"] is None
    assert "on average, so some may take more than 250 ms: no upper bound" in told["note"]


def test_a_minute_of_late_datagrams_is_not_told_as_a_fact_about_the_clock() -> None:
    stamps = headers(HeaderClock(origin=NOON, quantum=MILLISECOND), 180, rate=5)
    late = [
        (arrival + 400 * MILLISECOND * (60 < (arrival - NOON) / SECOND < 120), reading)
        for arrival, reading in stamps
    ]
    told = wall_verdict(seen(late, MILLISECOND))
    assert told["offset_low"] <= 0 <= told["offset_high"]
    assert "unless datagrams before were late by more than 250 ms" in told["note"]


def test_two_exporters_behind_one_address_are_no_clock() -> None:
    one, other = (HeaderClock(origin=NOON, offset=error * SECOND) for error in (0, 90))
    stamps = [
        stamp
        for minute in range(12)
        for stamp in (headers(other if minute % 2 else one, 720, seed=3))
        if (stamp[0] - NOON) // (60 * SECOND) == minute
    ]
    told = wall_verdict(seen(stamps))
    assert told["state"] == "unknown"
    assert told["offset_low"] is None
    assert "several exporters may send from this address" in told["note"]


def uptime_headers(booted: int, origin: int) -> list[tuple[int, int]]:
    clock = HeaderClock(origin=origin, offset=-booted, quantum=MILLISECOND)
    return [(arrival, reading % UPTIME_CYCLE) for arrival, reading in headers(clock, 60, rate=5)]


def test_an_uptime_is_told_by_when_it_began() -> None:
    told = uptime_verdict(seen(uptime_headers(NOON - 1000 * SECOND, NOON), MILLISECOND, UPTIME_CYCLE))
    assert (told["state"], told["offset_seconds"]) == ("good", None)
    assert told["note"].startswith("counts from 2026-01-01T11:43:")


def test_a_reboot_is_told() -> None:
    stamps = uptime_headers(NOON - 1000 * SECOND, NOON)
    stamps += uptime_headers(NOON + 80 * SECOND, NOON + 100 * SECOND)
    told = uptime_verdict(seen(stamps, MILLISECOND, UPTIME_CYCLE))
    assert told["state"] == "rebooted"
    assert "rebooted before 2026-01-01T12:01:4" in told["note"]
