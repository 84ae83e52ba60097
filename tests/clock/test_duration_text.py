from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.duration_text import duration_from_text, text_from_duration


@given(st.integers(0, 2**63 - 1))
def test_text_keeps_every_nanosecond(duration: int) -> None:
    assert duration_from_text(text_from_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0s", 0),
        ("1.5s", 1_500_000_000),
        ("20ms", 20_000_000),
        ("3µs", 3000),
        ("1h30m", 5400 * 10**9),
        ("0.1us", 100),
    ],
)
def test_ways_to_write_a_duration(text: str, nanoseconds: int) -> None:
    assert duration_from_text(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "5", "s", "-1s", "1.s", "1s ", "1y", "0.1ns"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"no duration|finer"):
        duration_from_text(text)
