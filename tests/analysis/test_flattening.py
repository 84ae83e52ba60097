from __future__ import annotations

from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegauge.analysis.flattening import highest, newest
from tidegauge.names import timeline
from tidegauge.names.timeline import FOREVER, Span

Statement = tuple[str, int, int | None, str, str]
statements = st.lists(
    st.tuples(
        st.sampled_from(["x", "y"]),
        st.integers(0, 8),
        st.one_of(st.none(), st.integers(0, 4)),
        st.sampled_from(["a", "b", ""]),
        st.sampled_from(["dns", "ptr"]),
    ),
    max_size=10,
)


def told(rows: list[tuple[Any, ...]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        "CREATE TABLE told (key VARCHAR, since BIGINT, until BIGINT, name VARCHAR, source VARCHAR)"
    )
    if rows:
        connection.executemany("INSERT INTO told VALUES (?, ?, ?, ?, ?)", rows)
    return connection


@settings(deadline=None, max_examples=60)
@given(statements)
def test_sql_and_python_let_the_same_statement_decide(found: list[Statement]) -> None:
    rows = [(said[0], said[1], None if said[2] is None else said[1] + said[2], *said[3:]) for said in found]
    with told(rows) as connection:
        answer = connection.execute(newest("FROM told", ("key",))).fetchall()
    meant = []
    for key in ("x", "y"):
        spans = [
            Span(since, FOREVER if until is None else until, (name, source))
            for row_key, since, until, name, source in rows
            if row_key == key
        ]
        meant += [(key, *span[:2], *span.value) for span in timeline.newest(spans) if span.value[0]]
    assert sorted(answer) == sorted(meant)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.integers(0, 2), st.tuples(st.integers(0, 6), st.integers(1, 5)), max_size=3))
def test_the_most_believed_layer_shows_through(layers: dict[int, tuple[int, int]]) -> None:
    """One span a layer is enough: inside a layer they never meet."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            "CREATE TABLE layers (key VARCHAR, since BIGINT, until BIGINT, name VARCHAR, source VARCHAR,"
            " confidence UTINYINT, is_pinned BOOLEAN)"
        )
        for confidence, (since, length) in layers.items():
            row = ("x", since, since + length, f"n{confidence}", "s", confidence, False)
            connection.execute("INSERT INTO layers VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        answer = connection.execute(f"SELECT since, until, name FROM ({highest('layers', 'key')})").fetchall()
    for moment in range(13):
        holding = [c for c, (since, length) in layers.items() if since <= moment < since + length]
        shown = [name for since, until, name in answer if since <= moment < until]
        assert shown == [f"n{confidence}" for confidence in sorted(holding)[-1:]]
