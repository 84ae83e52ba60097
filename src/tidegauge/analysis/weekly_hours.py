"""Weekly hours: ``Mon-Fri 08:00-18:00``, as a rule of a policy tells when it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GRAIN_MINUTES = 5
"""Hours are told to five minutes, because that is how finely flows are summed up for the detectors."""

_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_NANOSECONDS = 1_000_000_000
_TEXT = re.compile(
    r"(?P<days>[a-z]{3}(?:\s*[-,]\s*[a-z]{3})*)?\s*"
    r"(?:(?P<from_hour>\d{1,2}):(?P<from_minute>\d\d)\s*-\s*(?P<to_hour>\d{1,2}):(?P<to_minute>\d\d))?"
)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Spans of the week, in minutes since Monday 00:00, ends excluded; none wraps around the week."""

    spans: tuple[tuple[int, int], ...]

    def contain(self, instant: int, zone: tzinfo) -> bool:
        """Whether a moment, in nanoseconds since 1970, lies in them on a clock of ``zone``."""
        local = datetime.fromtimestamp(instant // _NANOSECONDS, UTC).astimezone(zone)
        minute = local.weekday() * _DAY_MINUTES + local.hour * 60 + local.minute
        return any(first <= minute < last for first, last in self.spans)


def hours_from_texts(texts: Iterable[str]) -> WeeklyHours:
    """Read hours; a text without days means every day, one without times the whole day.

    ``22:00-06:00`` goes on into the next day. Raises ValueError.

    >>> hours_from_texts(["Mon-Tue 08:00-18:00"]).spans
    ((480, 1080), (1920, 2520))
    >>> hours_from_texts(["sun 22:00-06:00"]).spans
    ((0, 360), (9960, 10080))
    """
    spans = [span for text in texts for span in _spans(text)]
    return WeeklyHours(tuple(sorted(spans)))


def _spans(text: str) -> Iterable[tuple[int, int]]:
    found = _TEXT.fullmatch(text.strip().lower())
    if found is None or not text.strip():
        raise ValueError(f"{text!r} tells no hours; write Mon-Fri 08:00-18:00, Sat,Sun or 22:00-06:00")
    first, last = _times(found)
    for day in _days(found["days"]):
        start, end = day * _DAY_MINUTES + first, day * _DAY_MINUTES + last
        yield start, min(end, _WEEK_MINUTES)
        if end > _WEEK_MINUTES:
            yield 0, end - _WEEK_MINUTES


def _times(found: re.Match[str]) -> tuple[int, int]:
    if found["from_hour"] is None:
        return 0, _DAY_MINUTES
    first = _minute(found["from_hour"], found["from_minute"])
    last = _minute(found["to_hour"], found["to_minute"])
    return first, last if last > first else last + _DAY_MINUTES


def _minute(hour: str, minute: str) -> int:
    number = int(hour) * 60 + int(minute)
    if number > _DAY_MINUTES or int(minute) >= 60:  # noqa: PLR2004 (minutes of an hour)
        raise ValueError(f"{hour}:{minute} is no time of the day")
    if number % GRAIN_MINUTES:
        raise ValueError(f"{hour}:{minute} is finer than {GRAIN_MINUTES} minutes")
    return number


def _days(text: str | None) -> list[int]:
    if text is None:
        return list(range(7))
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        start, end = _day(first), _day(last) if dash else _day(first)
        days += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
    return sorted(set(days))


def _day(word: str) -> int:
    if word not in DAYS:
        raise ValueError(f"{word!r} is no day; write {', '.join(day.title() for day in DAYS)}")
    return DAYS.index(word)
