from __future__ import annotations

import pytest

from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.clock.period import PERIODS, period_from_words

HOUR = 3600 * 10**9
THURSDAY = instant_from_text("2026-04-02T12:00Z")  # summer time began in Berlin on Sunday, 29 March


def ends(words: str, zone: str = "UTC", now: int = THURSDAY) -> tuple[str, str]:
    """Both ends as text, to the minute."""
    found = period_from_words(words, zone, now)
    assert found.since is not None
    assert found.until is not None
    return text_from_instant(found.since)[:16], text_from_instant(found.until)[:16]


def test_days_weeks_and_months_are_those_of_the_calendar() -> None:
    assert ends("yesterday") == ("2026-04-01T00:00", "2026-04-02T00:00")
    assert ends("last week") == ("2026-03-23T00:00", "2026-03-30T00:00")
    assert ends("this week") == ("2026-03-30T00:00", "2026-04-06T00:00")
    assert ends("last month") == ("2026-03-01T00:00", "2026-04-01T00:00")
    assert ends("this month") == ("2026-04-01T00:00", "2026-05-01T00:00")


def test_a_week_in_which_summer_time_begins_is_an_hour_short() -> None:
    found = period_from_words("last week", "Europe/Berlin", THURSDAY)
    assert found.since is not None
    assert found.until is not None
    assert found.until - found.since == 167 * HOUR


def test_the_day_is_the_one_on_the_wall() -> None:
    midnight_in_berlin = instant_from_text("2026-04-01T22:30Z")
    assert ends("today", "Europe/Berlin", midnight_in_berlin)[0] == "2026-04-01T22:00"


def test_months_wrap_the_year() -> None:
    assert ends("last month", now=instant_from_text("2026-01-15")) == ("2025-12-01T00:00", "2026-01-01T00:00")
    assert ends("this month", now=instant_from_text("2026-12-31")) == ("2026-12-01T00:00", "2027-01-01T00:00")


@pytest.mark.parametrize("words", PERIODS)
def test_every_period_is_understood(words: str) -> None:
    assert ends(words)[0] < ends(words)[1]


def test_other_words_are_refused_with_those_that_are_not() -> None:
    with pytest.raises(ValueError, match="'next year' is no period; periods are yesterday"):
        period_from_words("next year", "UTC", THURSDAY)
