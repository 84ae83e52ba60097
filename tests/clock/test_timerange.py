from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.clock.timerange import TimeRange, instant_from_words, range_from_words

NOW = instant_from_text("2026-05-04T17:30:00Z")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("now", "2026-05-04T17:30Z"),
        (" 1h ", "2026-05-04T16:30Z"),
        ("now-1d", "2026-05-03T17:30Z"),
        ("now + 30m", "2026-05-04T18:00Z"),
        ("today", "2026-05-03T22:00Z"),
        ("yesterday", "2026-05-02T22:00Z"),
        ("tomorrow", "2026-05-04T22:00Z"),
        ("2026-05-04T08:00", "2026-05-04T06:00Z"),
        ("2026-05-04T08:00Z", "2026-05-04T08:00Z"),
    ],
)
def test_words_for_an_instant(words: str, meant: str) -> None:
    assert instant_from_words(words, ZoneInfo("Europe/Berlin"), NOW) == instant_from_text(meant)


def test_a_missing_word_leaves_its_side_open() -> None:
    assert range_from_words(None, None, "UTC", NOW) == TimeRange(None, None)
    assert range_from_words("now", None, "UTC", NOW) == TimeRange(NOW, None)


@pytest.mark.parametrize(
    ("since", "until", "zone", "message"),
    [
        ("now", "1h", "UTC", "before it starts"),
        ("soon", None, "UTC", "'soon' is no time"),
        ("now-", None, "UTC", "is no time"),
        ("now-5", None, "UTC", "no duration"),
        ("now", None, "Mars", "unknown time zone"),
    ],
)
def test_ranges_that_make_no_sense(since: str, until: str | None, zone: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        range_from_words(since, until, zone, NOW)
