"""The uptime traps that other collectors fall into, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.uptime import (
    MILLISECOND,
    ExportHeader,
    instant_from_uptime,
    is_reboot,
    uptime_difference,
)

SECOND = 10**9
DAY_MS = 86_400_000
WRAP = 2**32
UPTIMES = st.integers(0, WRAP - 1)


def header(uptime_ms: int) -> ExportHeader:
    return ExportHeader(uptime_ms=uptime_ms, unix_seconds=1_795_000_000, unix_nanoseconds=250_000_000)


def age_ms(event_ms: int, uptime_ms: int) -> int:
    of = header(uptime_ms)
    return (of.export_time - instant_from_uptime(event_ms, of)) // MILLISECOND


@given(UPTIMES, st.integers(-100_000, 24 * DAY_MS))
def test_an_event_keeps_its_age_wherever_the_count_stands(uptime_ms: int, age: int) -> None:
    assert age_ms((uptime_ms - age) % WRAP, uptime_ms) == age


def test_a_flow_across_the_wrap_is_seconds_long() -> None:
    first, last = WRAP - 4_000, 6_000
    assert (age_ms(first, 7_000), age_ms(last, 7_000)) == (11_000, 1_000)


@pytest.mark.parametrize("ahead_ms", [1, 160, 100_000])
def test_an_event_above_the_uptime_lies_slightly_in_the_future(ahead_ms: int) -> None:
    assert age_ms(66_892_000 + ahead_ms, 66_892_000) == -ahead_ms
    assert age_ms((WRAP - 1 + ahead_ms) % WRAP, WRAP - 1) == -ahead_ms


def test_a_first_after_its_last_stays_visible_as_such() -> None:
    of = header(50_000)
    assert instant_from_uptime(42_000, of) - instant_from_uptime(41_900, of) == 100 * MILLISECOND


def test_a_header_that_has_just_booted_or_is_never_filled_in() -> None:
    assert age_ms(0, 0) == 0
    assert age_ms(WRAP - 5_000, 0) == 5_000
    assert age_ms(30_000, 0) == -30_000


@given(UPTIMES, st.integers(0, 400 * DAY_MS), st.integers(-9_000, 9_000))
def test_an_uptime_that_keeps_pace_is_no_reboot(before: int, elapsed_ms: int, jitter_ms: int) -> None:
    after = (before + elapsed_ms + jitter_ms) % WRAP
    assert not is_reboot(before, after, elapsed_ms * MILLISECOND)


@pytest.mark.parametrize("before_days", [1, 20, 30, 49])
def test_an_uptime_that_starts_over_is_a_reboot_however_high_it_was(before_days: int) -> None:
    assert is_reboot(before_days * DAY_MS, 5_000, 60 * SECOND)


def test_a_datagram_overtaken_by_the_next_is_no_reboot() -> None:
    assert not is_reboot(100_000, 99_000, 2 * MILLISECOND)


@given(UPTIMES, UPTIMES)
def test_differences_take_the_shorter_way(later: int, earlier: int) -> None:
    difference = uptime_difference(later, earlier)
    assert -(WRAP // 2) <= difference < WRAP // 2
    assert (earlier + difference) % WRAP == later
