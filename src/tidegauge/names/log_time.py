"""Times as logs write them: syslog's, the old form and the new."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS, instant_from_text

if TYPE_CHECKING:
    from datetime import tzinfo

SYSLOG_TIME = (
    r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"
)
"""A regular expression for the time a syslog line begins with (RFC 3164, RFC 5424)."""
_OLD = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = 24 * 3600 * NANOSECONDS
_LEAP_CYCLE_YEARS = 8  # from 1896 to 1904, and again from 2096 to 2104, there is no 29 February between


@lru_cache(maxsize=4096)
def instant_from_syslog(text: str, zone: tzinfo, written: int) -> int | None:
    """The instant of a syslog line; None for a time that does not exist.

    The old form has no year: it is the latest in which the line is at most a day younger than the file.
    That day allows for a clock or a zone that is off.

    >>> written = instant_from_text("2026-01-01T00:10Z")
    >>> instant_from_syslog("Dec 31 23:59:59", UTC, written) == instant_from_text("2025-12-31T23:59:59Z")
    True
    """
    if old := _OLD.fullmatch(text):
        return _latest_before(old, zone, written + _DAY)
    return _instant(text, zone)


def _latest_before(old: re.Match[str], zone: tzinfo, latest: int) -> int | None:
    if old[1] not in _MONTHS:
        return None
    month, day = _MONTHS.index(old[1]) + 1, int(old[2])
    year = datetime.fromtimestamp(latest // NANOSECONDS, UTC).year
    for candidate in range(year + 1, year - _LEAP_CYCLE_YEARS, -1):
        instant = _instant(f"{candidate}-{month:02d}-{day:02d}T{old[3]}", zone)
        if instant is not None and instant <= latest:
            return instant
    return None


def _instant(text: str, zone: tzinfo) -> int | None:
    try:
        return instant_from_text(text, zone)
    except ValueError:
        return None
