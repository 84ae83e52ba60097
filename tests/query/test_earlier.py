from __future__ import annotations

import pytest

from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.earlier import earlier_range, shift_of
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query

NOW = instant_from_text("2026-03-30T12:00Z")


def before(compare: str, since: str, until: str | None, zone: str = "Europe/Berlin") -> list[str]:
    """The earlier range, both ends without their fractions."""
    ends = (instant_from_text(since), None if until is None else instant_from_text(until))
    time_range = TimeRange(*ends)
    shift = shift_of(Query(compare=compare, time_zone=zone), time_range, NOW)
    found = earlier_range(time_range, shift, NOW)
    assert found is not None
    assert found.since is not None
    assert found.until is not None
    return [text_from_instant(end)[:16] for end in (found.since, found.until)]


@pytest.mark.parametrize(
    ("compare", "since", "until", "expected"),
    [
        ("1h", "2026-03-30T10:00Z", "2026-03-30T11:30Z", ["2026-03-30T09:00", "2026-03-30T10:30"]),
        ("previous", "2026-03-30T10:00Z", "2026-03-30T11:30Z", ["2026-03-30T08:30", "2026-03-30T10:00"]),
        ("1h", "2026-03-30T10:00Z", None, ["2026-03-30T09:00", "2026-03-30T11:00"]),
        # Berlin put its clocks forward on 29 March: that day had 23 hours.
        ("1d", "2026-03-29T22:00Z", "2026-03-30T22:00Z", ["2026-03-28T23:00", "2026-03-29T22:00"]),
        ("1w", "2026-03-29T22:00Z", "2026-03-30T22:00Z", ["2026-03-22T23:00", "2026-03-23T23:00"]),
        ("previous", "2026-03-29T22:00Z", "2026-03-30T22:00Z", ["2026-03-28T23:00", "2026-03-29T22:00"]),
        ("previous", "2026-03-28T23:00Z", "2026-03-29T22:00Z", ["2026-03-27T23:00", "2026-03-28T23:00"]),
        ("24h", "2026-03-29T22:00Z", "2026-03-30T22:00Z", ["2026-03-28T23:00", "2026-03-29T22:00"]),
    ],
)
def test_the_same_time_earlier(compare: str, since: str, until: str | None, expected: list[str]) -> None:
    assert before(compare, since, until) == expected


def test_fractions_of_a_second_stay() -> None:
    shift = shift_of(Query(compare="1d"), TimeRange(NOW, None), NOW)
    assert shift is not None
    assert shift.back(NOW + 123) == NOW + 123 - 86_400 * 10**9


def test_nothing_is_compared_unless_asked() -> None:
    assert shift_of(Query(), TimeRange(), NOW) is None
    assert earlier_range(TimeRange(NOW, None), None, NOW) is None


@pytest.mark.parametrize(("compare", "since"), [("1d", None), ("tomorrow", NOW), ("0s", NOW)])
def test_what_cannot_be_compared(compare: str, since: int | None) -> None:
    with pytest.raises(QuestionError, match="compar"):
        shift_of(Query(compare=compare), TimeRange(since, None), NOW)
