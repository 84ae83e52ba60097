from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.instant_text import (
    NANOSECONDS,
    instant_from_text,
    midnight,
    text_from_instant,
    zone_from_name,
    zone_offset,
)

BERLIN = ZoneInfo("Europe/Berlin")


@given(st.integers(-(2**63) + 2, 2**63 - 2))
def test_text_keeps_every_nanosecond(instant: int) -> None:
    assert instant_from_text(text_from_instant(instant)) == instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T01:00+01:00", 0),
        ("1970-01-01 00:00:01,5Z", NANOSECONDS * 3 // 2),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-01T00:00:00.1+00:00", 100_000_000),
    ],
)
def test_forms_of_iso(text: str, instant: int) -> None:
    assert instant_from_text(text) == instant


def test_a_time_without_offset_is_local_to_the_zone() -> None:
    assert instant_from_text("2026-07-01T00:00", BERLIN) == instant_from_text("2026-06-30T22:00Z")


def test_an_hour_that_happens_twice_means_the_first() -> None:
    assert instant_from_text("2026-10-25T02:30", BERLIN) == instant_from_text("2026-10-25T00:30Z")


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01", "2026-01-01T00:00:00.1234567891Z", "2500-01-01"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"no ISO 8601|outside|finer"):
        instant_from_text(text)


def test_without_a_zone_the_offset_is_required() -> None:
    with pytest.raises(ValueError, match="no offset"):
        instant_from_text("2026-01-01T00:00", None)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-05-01", 24)])
def test_days_follow_the_calendar(day: str, hours: int) -> None:
    noon = instant_from_text(f"{day}T12:00", BERLIN)
    assert midnight(noon, BERLIN, 1) - midnight(noon, BERLIN) == hours * 3600 * NANOSECONDS


def test_offsets_change_with_the_season() -> None:
    assert zone_offset(instant_from_text("2026-01-01"), BERLIN) == 3600 * NANOSECONDS
    assert zone_offset(instant_from_text("2026-07-01"), BERLIN) == 7200 * NANOSECONDS


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", ""])
def test_unknown_zones(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        zone_from_name(name)
