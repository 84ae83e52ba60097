"""A ruler: where the buckets of a series begin.

Buckets of a day or more follow the calendar of a zone, so the day on which clocks change has 23 or 25
hours, and weeks begin on Monday. Shorter ones begin at round times of the local clock. Most have the same
width everywhere and are found by division; where a change of the clocks is no multiple of their width,
as with six hours, they are listed one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import midnight, zone_from_name, zone_offset
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    from tidegauge.query.parameters import Parameters

_SECOND = 1_000_000_000
DAY = 86_400 * _SECOND
_WEEK_DAYS = 7
_FIRST_MONDAY = 4  # days since 1970-01-01
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_LISTED = 1_000_000
"""Buckets that may be listed one by one: hours of a century."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """Buckets by number, from 0 at ``origin`` or at the first of ``edges``, which also hold the last end."""

    step: int
    origin: int
    edges: tuple[int, ...] = ()

    def begin(self, bucket: int) -> int:
        """Where a bucket begins, in nanoseconds since 1970."""
        return self.edges[bucket] if self.edges else self.origin + bucket * self.step

    def bucket(self, instant: int) -> int:
        """The bucket that an instant lies in."""
        if self.edges:
            return bisect_right(self.edges, instant) - 1
        return (instant - self.origin) // self.step

    def shifted(self, back: Callable[[int], int]) -> Ruler:
        """The same buckets some time earlier; ``back`` gives an instant of then for one of now."""
        edges = tuple(back(edge) for edge in self.edges)
        return Ruler(self.step, edges[0] if edges else back(self.origin), edges)

    def begin_sql(self, bucket: str, parameters: Parameters) -> str:
        """``begin`` as SQL."""
        if self.edges:
            return f"{self._listed(parameters)}[CAST({bucket} + 1 AS BIGINT)]"
        return f"{_number(self.origin, parameters)} + {bucket} * {_number(self.step, parameters)}"

    def bucket_sql(self, instant: str, parameters: Parameters) -> str:
        """``bucket`` as SQL.

        Listed buckets are nearly even: division gives the right one or its neighbour, and two looks
        into the list tell which. A join with the list would compare each flow with each bucket.
        """
        first, step = _number(self.origin, parameters), _number(self.step, parameters)
        if not self.edges:
            return f"(({instant}) - {first}) // {step}"
        # In 128 bits, because broken clocks may lie further apart than 64 bits of nanoseconds reach.
        even = f"CAST((CAST({instant} AS HUGEINT) - {first}) // {step} AS BIGINT)"
        edges = self._listed(parameters)
        is_next = f"coalesce(({instant}) >= {edges}[{even} + 2], FALSE)"
        is_former = f"coalesce(({instant}) < {edges}[{even} + 1], FALSE)"
        return f"{even} + CAST({is_next} AS BIGINT) - CAST({is_former} AS BIGINT)"

    def _listed(self, parameters: Parameters) -> str:
        return f"CAST({parameters.add(list(self.edges))} AS BIGINT[])"


def ruler(step: int, time_zone: str, time_range: TimeRange) -> Ruler:
    """The ruler for a range; an open side of it is one where there are no flows.

    Raises QuestionError where there would be too many buckets to list.
    """
    zone = zone_from_name(time_zone)
    begin = time_range.since if time_range.since is not None else time_range.until or 0
    end = begin if time_range.until is None else max(begin, time_range.until)
    if _is_even(step, zone, begin, end):
        monday = _FIRST_MONDAY * DAY if step % (_WEEK_DAYS * DAY) == 0 else 0
        return Ruler(step, (monday - zone_offset(begin, zone)) % step - step)
    if (end - begin) // step > MAX_LISTED:
        raise QuestionError("the range has more than a million buckets; give --since, or a longer step")
    edges = tuple(_days(step // DAY, zone, begin, end) if step % DAY == 0 else _hours(step, zone, begin, end))
    return Ruler(step, edges[0], edges)


def _is_even(step: int, zone: tzinfo, begin: int, end: int) -> bool:
    """Whether the local clock stays round at even steps; steps that do not divide a day never are."""
    if DAY % step and step % DAY:
        return True
    moments = range(begin, end + 30 * DAY, 30 * DAY)  # clocks are changed months apart
    offsets = {zone_offset(moment, zone) for moment in (*moments, end)}
    return all((offset - zone_offset(begin, zone)) % step == 0 for offset in offsets)


def _days(days: int, zone: tzinfo, begin: int, end: int) -> Iterator[int]:
    """Midnights, ``days`` apart on the calendar, from the last before ``begin`` to one after ``end``."""
    monday = _FIRST_MONDAY if days % _WEEK_DAYS == 0 else 0
    today = (_EPOCH + timedelta(seconds=begin // _SECOND)).astimezone(zone).date()
    behind = ((today - _EPOCH.date()).days - monday) % days
    latest, number = midnight(begin, zone, -behind), 0
    yield latest
    while latest <= end:
        number += days
        following = midnight(begin, zone, number - behind)
        if following > latest:  # Samoa left out a whole day when it crossed the date line
            yield following
        latest = max(latest, following)


def _hours(step: int, zone: tzinfo, begin: int, end: int) -> Iterator[int]:
    """Round times of the local clock, each day from midnight; one that is skipped begins no bucket."""
    today = (_EPOCH + timedelta(seconds=begin // _SECOND)).astimezone(zone).replace(tzinfo=None)
    today = today.replace(hour=0, minute=0, second=0)
    latest = _instant(today, zone) - 1
    for day in range((end - begin) // DAY + 3):
        for wall in range(0, DAY, step):
            instant = _instant(today + timedelta(days=day, seconds=wall // _SECOND), zone)
            if instant > latest:
                yield instant
                latest = instant
                if latest > end:
                    return


def _instant(local: datetime, zone: tzinfo) -> int:
    return round((local.replace(tzinfo=zone) - _EPOCH).total_seconds()) * _SECOND


def _number(number: int, parameters: Parameters) -> str:
    return f"CAST({parameters.add(number)} AS BIGINT)"
