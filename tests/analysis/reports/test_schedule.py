from __future__ import annotations

import pytest

from tidegauge.analysis.reports.report import ReportError, Schedule
from tidegauge.analysis.reports.schedule import last_due
from tidegauge.clock.instant_text import instant_from_text, text_from_instant

TO = ("boss@example.com",)


def due(schedule: Schedule, now: str, zone: str = "UTC") -> str:
    return text_from_instant(last_due(schedule, zone, instant_from_text(now)))[:16]


def test_a_week_is_due_on_its_day_and_hour() -> None:
    monday = Schedule(to=TO)
    assert due(monday, "2026-01-12T05:59Z") == "2026-01-05T06:00"
    assert due(monday, "2026-01-12T06:00Z") == "2026-01-12T06:00"
    assert due(Schedule(to=TO, every="friday"), "2026-01-12T06:00Z") == "2026-01-09T06:00"


def test_a_day_and_a_month() -> None:
    assert due(Schedule(to=TO, every="day", at="23:30"), "2026-01-12T06:00Z") == "2026-01-11T23:30"
    assert due(Schedule(to=TO, every="month"), "2026-03-01T05:00Z") == "2026-02-01T06:00"


def test_the_hour_is_the_one_on_the_wall() -> None:
    assert due(Schedule(to=TO), "2026-04-02T00:00Z", "Europe/Berlin") == "2026-03-30T04:00"


def test_no_time_of_day_is_refused() -> None:
    with pytest.raises(ReportError, match="'six' is no time of day"):
        due(Schedule(to=TO, at="six"), "2026-01-12T06:00Z")
