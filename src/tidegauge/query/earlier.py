"""The earlier range that a question is compared with: the same length of time, some time before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tidegauge.clock.duration_text import UNITS, duration_from_text
from tidegauge.clock.instant_text import zone_from_name
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError

if TYPE_CHECKING:
    from datetime import tzinfo

    from tidegauge.query.question import Query

PREVIOUS = "previous"
_DAY = UNITS["d"]
_SECOND = UNITS["s"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shift:
    """How far back: whole days on the calendar of a zone, and nanoseconds.

    Days are not 24 hours: yesterday at this time is yesterday at this time of the local clock.
    """

    zone: tzinfo
    days: int = 0
    nanoseconds: int = 0

    def back(self, instant: int) -> int:
        """The instant this much earlier."""
        if not self.days:
            return instant - self.nanoseconds
        seconds, rest = divmod(instant, _SECOND)
        local = (_EPOCH + timedelta(seconds=seconds)).astimezone(self.zone)
        moved = local.replace(tzinfo=None) - timedelta(days=self.days)
        earlier = moved.replace(tzinfo=self.zone, fold=local.fold) - _EPOCH
        return (earlier.days * 86_400 + earlier.seconds) * _SECOND + rest - self.nanoseconds


def shift_of(query: Query, time_range: TimeRange, now: int) -> Shift | None:
    """How far back the question compares; None when it does not. Raises QuestionError.

    ``previous`` is the range of the same length that ends where this one begins: of a range of whole
    days on the calendar, as many days.
    """
    if not query.compare:
        return None
    since, until = time_range.since, now if time_range.until is None else time_range.until
    if since is None:
        raise QuestionError("a comparison needs a range with a begin; give --since")
    zone = zone_from_name(query.time_zone)
    if query.compare == PREVIOUS:
        days = round((until - since) / _DAY)
        whole = Shift(zone, days)
        return whole if days and whole.back(until) == since else Shift(zone, nanoseconds=until - since)
    try:
        length = duration_from_text(query.compare)
    except ValueError:
        length = 0
    if length <= 0:
        raise QuestionError(
            f"compare: {query.compare!r} is neither 'previous' nor a duration such as 1h, 1d or 1w"
        )
    return Shift(zone, *divmod(length, _DAY)) if length % _DAY == 0 else Shift(zone, nanoseconds=length)


def earlier_range(time_range: TimeRange, shift: Shift | None, now: int) -> TimeRange | None:
    """The range to compare with; where this one is open at the end, the other ends as long before now."""
    if shift is None or time_range.since is None:
        return None
    until = now if time_range.until is None else time_range.until
    return TimeRange(shift.back(time_range.since), shift.back(until))
