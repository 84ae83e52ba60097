from __future__ import annotations

import pytest

from tidegauge.analysis.weekly_hours import hours_from_texts
from tidegauge.clock.instant_text import instant_from_text, zone_from_name


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("08:00-18:00", 7),
        ("Mon-Fri", 5),
        ("sat,sun", 2),
        ("Mon, Wed - Thu 9:00-12:00", 3),
        ("Fri-Mon", 4),
        ("Sun 22:00-06:00", 2),
    ],
)
def test_days_and_times(text: str, spans: int) -> None:
    assert len(hours_from_texts([text]).spans) == spans


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' tells no hours; write Mon-Fri 08:00-18:00, Sat,Sun or 22:00-06:00"),
        ("workdays", "'workdays' tells no hours; write Mon-Fri 08:00-18:00, Sat,Sun or 22:00-06:00"),
        ("mun 08:00-09:00", "'mun' is no day; write Mon, Tue, Wed, Thu, Fri, Sat, Sun"),
        ("25:00-26:00", "25:00 is no time of the day"),
        ("08:70-09:00", "08:70 is no time of the day"),
        ("08:01-09:00", "08:01 is finer than 5 minutes"),
    ],
)
def test_what_tells_no_hours_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (its whole text is compared)
        hours_from_texts([text])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("moment", "is_inside"),
    [
        ("2026-03-27T06:59Z", False),  # a Friday in winter time
        ("2026-03-27T07:00Z", True),
        ("2026-03-27T17:00Z", False),
        ("2026-03-30T05:59Z", False),  # the Monday after, in summer time
        ("2026-03-30T06:00Z", True),
        ("2026-03-28T10:00Z", False),
    ],
)
def test_hours_are_those_on_the_wall(moment: str, is_inside: bool) -> None:
    hours = hours_from_texts(["Mon-Fri 08:00-18:00"])
    assert hours.contain(instant_from_text(moment), zone_from_name("Europe/Berlin")) is is_inside


def test_the_night_of_sunday_goes_on_into_monday() -> None:
    hours = hours_from_texts(["Sun 22:00-06:00"])
    moments = ("2026-03-29T23:00Z", "2026-03-30T05:55Z", "2026-03-30T06:00Z", "2026-03-31T05:00Z")
    zone = zone_from_name("UTC")
    assert [hours.contain(instant_from_text(it), zone) for it in moments] == [True, True, False, False]
