"""The search for the highest rate: as exact as asked for, and honest where the sender limits."""

from __future__ import annotations

import pytest
from peak import LEAST_RATE, Peak, highest


@pytest.mark.parametrize("limit", [20_000.0, 480_000.0, 1_234_567.0, 3_999_999.0])
def test_the_limit_lies_between_what_held_and_what_failed(limit: float) -> None:
    asked: list[float] = []

    def holds(rate: float) -> bool:
        asked.append(rate)
        return rate <= limit

    found = highest(holds, 500_000, 5_000_000, 0.05)
    assert found.failed is not None
    assert found.held <= limit < found.failed <= found.held * 1.05
    assert len(asked) < 20


def test_where_nothing_fails_the_sender_is_the_limit() -> None:
    assert highest(lambda _: True, 500_000, 5_000_000, 0.05) == Peak(5_000_000, None)


def test_where_nothing_holds_the_search_ends() -> None:
    found = highest(lambda _: False, 500_000, 5_000_000, 0.05)
    assert found.held == 0
    assert found.failed is not None
    assert LEAST_RATE / 2 < found.failed <= LEAST_RATE
