from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegauge.query.intervals import PAUSE, unions

MINUTE = PAUSE // 5
Span = tuple[int, int]


def asked(spans: Sequence[tuple[str | None, int, int]], *, is_grouped: bool = True) -> list[tuple]:
    keys = ["name"] if is_grouped else []
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE spans (name VARCHAR, begun BIGINT, ended BIGINT)")
        if spans:
            connection.executemany("INSERT INTO spans VALUES (?, ?, ?)", spans)
        return connection.execute(f"{unions('spans', keys)} ORDER BY ALL").fetchall()


def sessions_of(spans: Sequence[Span]) -> list[Span]:
    """The definition: merge whatever is less than a pause apart."""
    merged: list[Span] = []
    for begun, ended in sorted(spans):
        if merged and begun - merged[-1][1] < PAUSE:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        else:
            merged.append((begun, ended))
    return merged


spans = st.tuples(st.integers(0, 40), st.integers(0, 12)).map(
    lambda drawn: (drawn[0] * MINUTE, (drawn[0] + drawn[1]) * MINUTE)
)


@given(st.lists(spans, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_sessions_are_what_merging_one_by_one_gives(drawn: list[Span]) -> None:
    merged = sessions_of(drawn)
    length = sum(ended - begun for begun, ended in merged)
    assert asked([("John", *span) for span in drawn]) == [("John", len(merged), length)]
    assert asked([("John", *span) for span in drawn], is_grouped=False) == [(len(merged), length)]


@pytest.mark.parametrize(("pause", "sessions", "in_use"), [(PAUSE - 1, 1, PAUSE + 1), (PAUSE, 2, 2)])
def test_only_a_pause_of_five_minutes_ends_a_session(pause: int, sessions: int, in_use: int) -> None:
    assert asked([("John", 0, 1), ("John", 1 + pause, 2 + pause)]) == [("John", sessions, in_use)]


def test_everybody_has_their_own_and_nobody_is_somebody() -> None:
    found = asked([("John", 0, 9), ("Anna", 0, 5), (None, 0, 1), (None, PAUSE * 3, PAUSE * 3)])
    assert found == [("Anna", 1, 5), ("John", 1, 9), (None, 2, 1)]


def test_a_short_flow_within_a_long_one_ends_nothing() -> None:
    assert asked([("John", 0, 9 * PAUSE), ("John", 1, 2), ("John", 9 * PAUSE, 9 * PAUSE + 1)]) == [
        ("John", 1, 9 * PAUSE + 1)
    ]


def test_nothing_is_no_session() -> None:
    assert asked([]) == []
    assert asked([], is_grouped=False) == [(0, None)]


def test_the_ends_of_time_do_not_fail_the_question() -> None:
    first, last = -(2**63) + 2, 2**63 - 2
    assert asked([("John", first, first), ("John", last, last)]) == [("John", 2, 0)]
