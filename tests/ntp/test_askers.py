from __future__ import annotations

from typing import Any

import pytest

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.ntp.askers import Asker, askers

SECOND = 1_000_000_000
LAST = instant_from_text("2026-01-02T03:04:05.000000006Z")


def row(**changes: Any) -> dict[str, Any]:
    known = {
        "address": "192.0.2.1",
        "first_seen": LAST - 100 * SECOND,
        "last_seen": LAST,
        "requests": 5,
        "answered": 4,
        "limited": 1,
        "authenticated": 2,
        "interleaved": 3,
        "version": 4,
        "poll": 6,
        "interval": 65 * SECOND,
        "offset": -SECOND // 2,
    }
    return known | changes


def test_a_row_is_told_in_seconds_and_dates() -> None:
    [asker] = askers([row()])
    assert (asker.last_seen, asker.poll_seconds) == ("2026-01-02T03:04:05.000000006Z", 64.0)
    assert (asker.interval_seconds, asker.offset_seconds) == (65.0, -0.5)
    assert (asker.requests, asker.answered, asker.limited, asker.authenticated) == (5, 4, 1, 2)


def test_what_is_not_known_stays_unknown() -> None:
    [asker] = askers([row(interval=None, offset=None)])
    assert (asker.interval_seconds, asker.offset_seconds) == (None, None)


@pytest.mark.parametrize(
    ("changes", "silent_seconds", "state"),
    [
        ({}, 0, "asks"),
        ({}, 259, "asks"),
        ({}, 261, "stopped"),
        ({"interval": 2 * SECOND}, 119, "asks"),
        ({"interval": 2 * SECOND}, 121, "stopped"),
        ({"interval": 1024 * SECOND}, 4000, "asks"),
        ({"requests": 1, "interval": None}, 10**6, "asked once"),
    ],
)
def test_a_client_that_missed_several_polls_has_stopped(
    changes: dict[str, Any], silent_seconds: int, state: str
) -> None:
    assert Asker.from_row(row(**changes)).state_at(LAST + silent_seconds * SECOND) == state


def test_the_last_to_be_heard_of_comes_first() -> None:
    found = askers([row(), row(address="192.0.2.2", last_seen=LAST + 1)])
    assert [asker.address for asker in found] == ["192.0.2.2", "192.0.2.1"]
