from __future__ import annotations

from typing import Any

import pytest

from tidegauge.analysis.sentences import sentence, time_words

JOHN = {"user": "John", "service": "YouTube", "category": "streaming", "seconds": 1800.0,
        "bytes": 500_000_000, "bytes_up": 10_000_000, "bytes_down": 490_000_000, "mails": None}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "John watched YouTube for 30 minutes, 500 MB."),
        ({"service": "Spotify"}, "John listened to Spotify for 30 minutes, 500 MB."),
        ({"category": None, "service": "Acme"}, "John used Acme for 30 minutes, 500 MB."),
        ({"category": "files", "service": "Dropbox", "bytes_down": 2_000_000_000},
         "John downloaded 2.0 GB from Dropbox in 30 minutes."),
        ({"category": "files", "service": "Dropbox", "bytes_up": 2_000_000_000},
         "John uploaded 2.0 GB to Dropbox in 30 minutes."),
        ({"category": "mail", "service": "Gmail", "mails": 10, "bytes": 180_000},
         "John sent at least 10 mails with Gmail, 180 kB."),
        ({"category": "mail", "service": "Gmail"}, "John used Gmail for 30 minutes, 500 MB."),
        ({"user": None, "service": None, "category": None},
         "Somebody used sites without a known service for 30 minutes, 500 MB."),
    ],
)  # fmt: skip
def test_a_row_in_words(changes: dict[str, Any], told: str) -> None:
    assert sentence({**JOHN, **changes}) == told


def test_who_is_told_by_what_the_row_knows() -> None:
    row = {name: value for name, value in JOHN.items() if name not in ("user", "service")}
    row |= {"src_addr": "10.0.0.1", "site": "www.youtube.com"}
    assert sentence(row) == "10.0.0.1 watched www.youtube.com for 30 minutes, 500 MB."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "a second"), (59.6, "60 seconds"), (120, "2 minutes"), (3599, "1 hour"), (3660, "1 hour 1 minute")],
)
def test_a_stay_in_words(seconds: float, words: str) -> None:
    assert time_words(seconds) == words
