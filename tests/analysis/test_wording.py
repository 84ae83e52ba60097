from __future__ import annotations

import pytest

from tidegauge.analysis.wording import amount_words, duration_words

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "0 bytes"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (45e6, "45 MB"), (2.5e18, "2500 PB")],
)
def test_amounts(amount: float, words: str) -> None:
    assert amount_words(amount) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "a second"), (1.2, "2 seconds"), (119, "119 seconds"), (121, "3 minutes"), (7201, "3 hours")],
)
def test_durations_are_never_told_too_short(seconds: float, words: str) -> None:
    assert duration_words(int(seconds * SECOND)) == words
