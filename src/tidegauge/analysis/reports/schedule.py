"""When a report is due. Pure: what was sent last and what time it is are passed in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, get_args

from tidegauge.analysis.reports.report import ReportError, Weekday
from tidegauge.clock.instant_text import date_of, instant_from_text, zone_from_name

if TYPE_CHECKING:
    from tidegauge.analysis.reports.report import Schedule

_LOOK_BACK_DAYS = 32


def last_due(schedule: Schedule, time_zone: str, now: int) -> int:
    """The latest moment at or before ``now`` at which the report should have gone out.

    A report that could not be sent then, because the machine was off, is sent once it is on: compare
    with when it was last sent. Raises ReportError for a time of day that is none.
    """
    zone = zone_from_name(time_zone)
    today = date_of(now, zone)
    for back in range(_LOOK_BACK_DAYS):
        day = today - timedelta(days=back)
        if not _is_due_on(schedule, day):
            continue
        try:
            moment = instant_from_text(f"{day.isoformat()}T{schedule.at}", zone)
        except ValueError:
            raise ReportError(f"schedule: {schedule.at!r} is no time of day such as 06:00") from None
        if moment <= now:
            return moment
    raise AssertionError("every schedule has a day within a month")


def _is_due_on(schedule: Schedule, day: date) -> bool:
    if schedule.every == "day":
        return True
    if schedule.every == "month":
        return day.day == 1
    return bool(get_args(Weekday)[day.weekday()] == schedule.every)
