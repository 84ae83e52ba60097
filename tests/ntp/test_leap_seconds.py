from __future__ import annotations

import pytest

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.ntp.leap_seconds import LeapList, LeapPlan, LeapSecond, announced_leap

TEXT = """\
#$ 3929093563
#@ 3960057600
# A comment.
2272060800 10 # 1 Jan 1972
2287785600 11 # 1 Jul 1972
3692217600 12 # 1 Jan 2017
3723753600 11 # 1 Jan 2018: one that never was
#h aaaaaaaa bbbbbbbb
"""
HOUR = 3600 * 10**9


def instant(day: str) -> int:
    return instant_from_text(f"{day}T00:00:00Z")


def test_a_list_tells_when_seconds_were_inserted_or_left_out() -> None:
    known = LeapList.from_text(TEXT)
    leaps = [("1972-07-01", True), ("2017-01-01", True), ("2018-01-01", False)]
    assert known.leaps == tuple(LeapSecond(instant(day), is_inserted) for day, is_inserted in leaps)
    assert known.expires == instant("2025-06-28")


@pytest.mark.parametrize("text", ["", "#@ soon\n", "#@ 3960057600\nleap 1972\n", "Not Found", "#@\n"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"leap-seconds\.list"):
        LeapList.from_text(text)


def test_the_leap_that_matters_is_the_next_or_one_still_smeared() -> None:
    plan = LeapPlan(leaps=LeapList.from_text(TEXT).leaps)
    leap = instant("2017-01-01")
    assert plan.near(leap - 1) == plan.near(leap + 12 * HOUR - 1) == LeapSecond(leap)
    assert plan.near(leap + 12 * HOUR) == LeapSecond(instant("2018-01-01"), is_inserted=False)
    assert plan.near(instant("2026-01-01")) is None
    assert LeapPlan().near(leap) is None


@pytest.mark.parametrize(
    ("word", "day", "leap"),
    [
        ("insert", "2016-12-31", LeapSecond(instant("2017-01-01"))),
        ("delete", "2028-02-29", LeapSecond(instant("2028-03-01"), is_inserted=False)),
        ("insert", "2016-12-30", None),
        ("", "2016-12-31", None),
    ],
)
def test_an_announced_leap_second_ends_a_month(word: str, day: str, leap: LeapSecond | None) -> None:
    assert announced_leap(word, instant(day) + HOUR) == leap
