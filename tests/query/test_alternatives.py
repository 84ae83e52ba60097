from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.terms import terms
from tests.sample_lake import create_table
from tidegauge.query.alternatives import MAX_ALTERNATIVES, branches
from tidegauge.query.canonical import canonical
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate
from tidegauge.query.syntax import Term, conjunction

FEW = {
    name: st.none() | st.integers(0, 2) for name in ("src_port", "dst_port", "src_as", "dst_as", "protocol")
}
WORDS = ("src_port", "port", "as", "protocol")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("port 443", ["src_port = 443", "dst_port = 443 and src_port != 443"]),
        ("tcp and port 80", ["protocol = tcp and src_port = 80",
                             "protocol = tcp and dst_port = 80 and src_port != 80"]),
        ("net 10/8", ["src_addr = 10.0.0.0/8", "dst_addr = 10.0.0.0/8 and src_addr != 10.0.0.0/8"]),
    ],
)  # fmt: skip
def test_each_side_is_asked_for_by_itself(written: str, expected: list[str]) -> None:
    assert [canonical(branch) for branch in branches(parse(written).term)] == expected


@pytest.mark.parametrize(
    "written",
    ["any", "src port 443", "not port 443", "port 80 or tcp", "port > 1023", "port = null", "country CH"],
)
def test_what_would_skip_nothing_stays_one(written: str) -> None:
    term = parse(written).term
    assert branches(term) == (term,)


def test_there_are_never_too_many() -> None:
    term = parse("host 10.0.0.1 and host 10.0.0.2 and port 80 and port 443 and as 5").term
    assert len(branches(term)) == MAX_ALTERNATIVES


def counted(condition: str, parameters: Parameters, flows: list[dict[str, Any]]) -> int:
    with duckdb.connect() as connection:
        create_table(connection, "flows", flows)
        row = connection.execute(f"SELECT {condition} FROM flows", parameters.values).fetchone()
    assert row
    return int(row[0])


@given(
    st.lists(st.fixed_dictionaries(FEW), min_size=1, max_size=12),
    st.lists(terms(WORDS), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_every_flow_is_taken_by_exactly_one(flows: list[dict[str, Any]], found: list[Term]) -> None:
    term, parameters = conjunction(found), Parameters()
    taken = " + ".join(
        f"CAST(({predicate(branch, parameters)}) IS TRUE AS INTEGER)" for branch in branches(term)
    )
    wanted = f"CAST(({predicate(term, parameters)}) IS TRUE AS INTEGER)"
    assert counted(f"count(*) FILTER (WHERE {taken} <> {wanted})", parameters, flows) == 0, canonical(term)


ROWS, BLOCK = 40_960, 2_048


def bytes_read(found: Sequence[Term], path: Path) -> int:
    """What a database reads of a file to answer the terms, by its own count."""
    parameters = Parameters()
    conditions = [predicate(term, parameters) for term in found]
    sql = " UNION ALL ".join(f"SELECT * FROM '{path}' WHERE {condition}" for condition in conditions)
    with duckdb.connect() as connection:
        row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters.values).fetchone()
    assert row
    return int(json.loads(row[1])["io"]["total_bytes_read"])


def test_blocks_that_cannot_match_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "flows.parquet"
    with duckdb.connect() as connection:
        ports = f"SELECT CAST(i AS USMALLINT) src_port, CAST({ROWS} - i AS USMALLINT) dst_port"
        connection.execute(
            f"COPY ({ports} FROM range({ROWS}) r(i) ORDER BY i) TO '{path}' (ROW_GROUP_SIZE {BLOCK})"
        )
    term = parse("port 443").term
    assert bytes_read(branches(term), path) < bytes_read([term], path) / 4
