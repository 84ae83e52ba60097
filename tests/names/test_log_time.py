from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.names.log_time import instant_from_syslog

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "written", "meant"),
    [
        ("Nov 23 18:17:30", "2026-11-23T19:00Z", "2026-11-23T18:17:30Z"),
        ("Dec 31 23:59:59", "2026-01-01T00:10Z", "2025-12-31T23:59:59Z"),
        ("Jan  1 00:30:00", "2025-12-31T23:50Z", "2026-01-01T00:30:00Z"),
        ("Nov 25 18:17:30", "2026-11-23T19:00Z", "2025-11-25T18:17:30Z"),
        ("Feb 29 12:00:00", "2027-06-01T00:00Z", "2024-02-29T12:00:00Z"),
        ("2026-11-23T18:17:30.25+01:00", "2026-11-23T19:00Z", "2026-11-23T17:17:30.25Z"),
    ],
    ids=[
        "this year",
        "last year",
        "a clock that is ahead",
        "more than a day ahead",
        "leap day",
        "with a year",
    ],
)
def test_the_year_is_the_latest_before_the_file(text: str, written: str, meant: str) -> None:
    assert instant_from_syslog(text, UTC, instant_from_text(written)) == instant_from_text(meant)


def test_a_time_without_an_offset_is_local() -> None:
    written = instant_from_text("2026-07-02T00:00Z")
    assert instant_from_syslog("Jul  1 12:00:00", BERLIN, written) == instant_from_text("2026-07-01T10:00Z")


@pytest.mark.parametrize(
    "text", ["Nov 31 12:00:00", "Foo 01 12:00:00", "2026-13-01T00:00:00Z", "Nov 23 25:00:00"]
)
def test_no_such_time(text: str) -> None:
    assert instant_from_syslog(text, UTC, instant_from_text("2026-11-23T19:00Z")) is None
