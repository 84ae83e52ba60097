"""Periods people report about: whole days, weeks and months of the calendar in a zone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import date_of, instant_from_text, zone_from_name
from tidegauge.clock.timerange import TimeRange

if TYPE_CHECKING:
    from datetime import tzinfo

PERIODS = ("yesterday", "last week", "last month", "this week", "this month", "today")


def period_from_words(words: str, time_zone: str, now: int) -> TimeRange:
    """The range that ``words`` mean at the moment ``now``: weeks begin on Monday, ends are excluded.

    Days are counted on the calendar, so a week in which summer time begins has 167 hours.
    Raises ValueError for other words or an unknown zone.

    >>> day = 86_400 * 10**9
    >>> period_from_words("last week", "UTC", now=11 * day)  # 1970-01-12 is a Monday
    TimeRange(since=345600000000000, until=950400000000000)
    """
    zone = zone_from_name(time_zone)
    today = date_of(now, zone)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    ends = {
        "yesterday": (today - timedelta(days=1), today),
        "today": (today, today + timedelta(days=1)),
        "this week": (monday, monday + timedelta(days=7)),
        "last week": (monday - timedelta(days=7), monday),
        "this month": (first, _next_month(first)),
        "last month": ((first - timedelta(days=1)).replace(day=1), first),
    }
    if words not in ends:
        raise ValueError(f"{words!r} is no period; periods are {', '.join(PERIODS)}")
    since, until = ends[words]
    return TimeRange(_midnight(since, zone), _midnight(until, zone))


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, zone: tzinfo) -> int:
    return instant_from_text(day.isoformat(), zone)
