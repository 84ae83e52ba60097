"""Ranges of time as people ask for them: ``1h``, ``now-1d``, ``today``, or ISO 8601."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.clock.duration_text import duration_from_text
from tidegauge.clock.instant_text import instant_from_text, midnight, text_from_instant, zone_from_name

if TYPE_CHECKING:
    from datetime import tzinfo

_RELATIVE = re.compile(r"now\s*([+-])\s*(\S+)")
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From ``since`` up to but not including ``until``, in nanoseconds since 1970; None is open."""

    since: int | None = None
    until: int | None = None


def range_from_words(since: str | None, until: str | None, time_zone: str, now: int) -> TimeRange:
    """The range that two words mean at the moment ``now``; a missing word leaves that side open.

    Raises ValueError when a word is no time, the zone is unknown, or the range ends before it starts.

    >>> range_from_words("1h", None, "UTC", now=3600 * 10**9)
    TimeRange(since=0, until=None)
    """
    zone = zone_from_name(time_zone)
    first = instant_from_words(since, zone, now) if since else None
    last = instant_from_words(until, zone, now) if until else None
    if first is not None and last is not None and last < first:
        raise ValueError(
            f"the range ends at {text_from_instant(last)}, before it starts at {text_from_instant(first)}"
        )
    return TimeRange(first, last)


def instant_from_words(words: str, zone: tzinfo, now: int) -> int:
    """The instant that ``words`` mean at the moment ``now``.

    A duration alone lies in the past. A day means its first midnight in ``zone``, so
    ``--since yesterday --until today`` is the whole of yesterday.

    >>> from datetime import UTC
    >>> text_from_instant(instant_from_words("today", UTC, instant_from_text("2026-05-04T17:00Z")))
    '2026-05-04T00:00:00.000000000Z'
    >>> instant_from_words("now-90s", UTC, now=100 * 10**9)
    10000000000
    """
    words = words.strip()
    if words == "now":
        return now
    if words in _DAYS:
        return midnight(now, zone, _DAYS[words])
    if relative := _RELATIVE.fullmatch(words):
        sign = 1 if relative.group(1) == "+" else -1
        return now + sign * duration_from_text(relative.group(2))
    try:
        return now - duration_from_text(words)
    except ValueError:
        return _instant_from_iso(words, zone)


def _instant_from_iso(words: str, zone: tzinfo) -> int:
    try:
        return instant_from_text(words, zone)
    except ValueError:
        raise ValueError(
            f"{words!r} is no time; write ISO 8601 (2026-01-31T08:00), 1h, now-1d, today or yesterday"
        ) from None
