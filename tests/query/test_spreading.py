from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegauge.flow import spreading as definition
from tidegauge.query.measure import MEASURES
from tidegauge.query.spreading import share, total

COUNT = "CAST(18446744073709551615 AS UBIGINT)"


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 60), st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_sql_cuts_as_the_definition_does(start: int, length: int, since: int, width: int) -> None:
    until, end = since + width, start + length
    if start >= until or end < since:
        return  # such flows never reach the expression
    life = f"SELECT {start} AS lived_from, {end} AS lived_to"
    row = duckdb.execute(f"SELECT {share(COUNT, str(since), str(until))} FROM ({life})").fetchone()
    assert row == (definition.share(2**64 - 1, start, end, since, until),)


def test_an_open_range_leaves_the_counter_alone() -> None:
    assert share("bytes", "", "") == "bytes"


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("bytes", 'sum(m0) AS "bytes"'),
        ("flows", 'CAST(sum(weight) AS BIGINT) AS "flows"'),
        ("bytes_estimate", 'sum(CAST(m0 AS HUGEINT) * x0) AS "bytes_estimate"'),
    ],
)
def test_totals(name: str, sql: str) -> None:
    assert total(0, MEASURES[name], "m0") == sql
