"""Instants as people and programs write them: ISO 8601, down to the nanosecond.

An instant is an ``int``: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
``datetime`` stops at microseconds, so the fraction is carried beside it and never through it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date, tzinfo

NANOSECONDS = 1_000_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"(?<=:\d\d)[.,](\d+)")
_DIGITS = 9
# The two outermost numbers mean infinity to Arrow readers and to DuckDB.
_EARLIEST, _LATEST = -(2**63) + 2, 2**63 - 2


def text_from_instant(instant: int) -> str:
    """Write an instant in UTC with all nine digits, so that text sorts as time does.

    >>> text_from_instant(1_700_000_000_000_000_001)
    '2023-11-14T22:13:20.000000001Z'
    """
    seconds, fraction = divmod(instant, NANOSECONDS)
    return f"{_second_text(seconds)}.{fraction:09d}Z"


@lru_cache(maxsize=65536)
def _second_text(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def instant_from_text(text: str, zone: tzinfo | None = UTC) -> int:
    """Read an ISO 8601 date or time; without an offset it is meant in ``zone``.

    An hour that happens twice, when summer time ends, means the first of the two.
    Raises ValueError when the text is no time, when it lies outside the years 1677 to 2262
    that 64 bits of nanoseconds can hold, or when it has no offset and ``zone`` is None.

    >>> instant_from_text("2023-11-14T22:13:20.000000001Z")
    1700000000000000001
    >>> instant_from_text("2026-07-01", ZoneInfo("Europe/Berlin")) == instant_from_text("2026-06-30T22:00Z")
    True
    """
    fraction = _FRACTION.search(text)
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text))
    except ValueError:
        raise ValueError(f"{text!r} is no ISO 8601 time such as 2026-01-31T08:00:00Z") from None
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"{text!r} has no offset from UTC, such as Z or +01:00")
        moment = moment.replace(tzinfo=zone)
    if fraction and len(fraction[1]) > _DIGITS:
        raise ValueError(f"{text!r} is finer than a nanosecond")
    return _bounded(_instant_from_moment(moment) + _nanoseconds(fraction), text)


def midnight(instant: int, zone: tzinfo, days: int = 0) -> int:
    """The start of the local day that holds ``instant``, or of one ``days`` later.

    Days are counted on the calendar, so a day of 23 or 25 hours is still one day.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> noon = instant_from_text("2026-03-29T12:00", berlin)
    >>> (midnight(noon, berlin, days=1) - midnight(noon, berlin)) // (3600 * NANOSECONDS)
    23
    """
    local = (_EPOCH + timedelta(seconds=instant // NANOSECONDS)).astimezone(zone)
    day = datetime(local.year, local.month, local.day) + timedelta(days=days)  # noqa: DTZ001 (placed in the zone next)
    return _instant_from_moment(day.replace(tzinfo=zone))


def date_of(instant: int, zone: tzinfo) -> date:
    """The local day that holds ``instant``.

    >>> date_of(instant_from_text("2026-05-04T23:30Z"), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-05-05'
    """
    return (_EPOCH + timedelta(seconds=instant // NANOSECONDS)).astimezone(zone).date()


def zone_offset(instant: int, zone: tzinfo) -> int:
    """How far local time in ``zone`` is ahead of UTC at ``instant``, in nanoseconds."""
    local = (_EPOCH + timedelta(seconds=instant // NANOSECONDS)).astimezone(zone)
    offset = local.utcoffset() or timedelta()
    return round(offset.total_seconds()) * NANOSECONDS


def zone_from_name(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as ``Europe/Berlin``.

    Raises ValueError when this machine knows no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"unknown time zone {name!r}; use an IANA name such as UTC or Europe/Berlin"
        ) from None


def _instant_from_moment(moment: datetime) -> int:
    whole = moment - _EPOCH
    return (whole.days * 86400 + whole.seconds) * NANOSECONDS + whole.microseconds * 1000


def _nanoseconds(fraction: re.Match[str] | None) -> int:
    return int(fraction.group(1).ljust(9, "0")) if fraction else 0


def _bounded(instant: int, text: str) -> int:
    if not _EARLIEST <= instant <= _LATEST:
        raise ValueError(f"{text!r} is outside the years 1677 to 2262")
    return instant
