from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.clock.ntp_stamp import NtpStamp

ERA_ONE = instant_from_text("2036-02-07T06:28:16Z")
YEAR = 365 * 86_400 * 10**9
INSTANTS = st.integers(0, instant_from_text("2200-01-01T00:00:00Z"))


@given(INSTANTS, st.integers(-60 * YEAR, 60 * YEAR))
def test_a_nanosecond_survives_in_every_era(instant: int, error: int) -> None:
    assert NtpStamp.from_instant(instant).instant_near(instant + error) == instant


@given(INSTANTS, st.integers(-60 * YEAR, 60 * YEAR))
def test_differences_are_right_across_eras(instant: int, later: int) -> None:
    difference = NtpStamp.from_instant(instant + later) - NtpStamp.from_instant(instant)
    assert abs(difference - later) <= 1


def test_era_one_starts_at_zero_in_2036() -> None:
    assert NtpStamp.from_instant(ERA_ONE) == NtpStamp(0)
    assert NtpStamp(0).instant_near(ERA_ONE - YEAR) == ERA_ONE
    assert NtpStamp(2**64 - 1).instant_near(ERA_ONE) == ERA_ONE - 1


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("1970-01-01T00:00:00Z", 2_208_988_800 << 32),
        ("1972-01-01T00:00:00.5Z", 2_272_060_800 << 32 | 1 << 31),
        ("2036-02-07T06:28:17.25Z", 1 << 32 | 1 << 30),
    ],
)
def test_known_moments_have_known_stamps(text: str, fixed: int) -> None:
    assert NtpStamp.from_instant(instant_from_text(text)).fixed == fixed
