from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.oracle import FILTERED, satisfies
from tests.query.terms import terms
from tests.sample_lake import NOON, SECOND, create_table
from tidegauge.query.canonical import canonical
from tidegauge.query.lookups import RELATIONS, joined, lookups_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate
from tidegauge.query.syntax import Term

FLOW = {
    "src_addr": "10.0.0.1", "dst_addr": "192.0.2.1", "src_port": 1024, "dst_port": 443, "protocol": 6,
    "tcp_flags": 0x12, "bytes": 1_000_000, "packets": 10, "start": NOON, "end": NOON + SECOND,
    "user": "John%", "src_mac": b"\x00\x1b\x44\x11\x3a\xb7",
}  # fmt: skip


def is_picked(written: str | Term, flow: dict[str, Any]) -> bool:
    term = parse(written).term if isinstance(written, str) else written
    parameters = Parameters()
    source = joined("flows", lookups_of(term))
    sql = f"SELECT count(*) FROM {source} WHERE {predicate(term, parameters)}"
    with duckdb.connect() as connection:
        create_table(connection, "flows", [flow])
        for relation, columns in RELATIONS.items():
            connection.execute(f"CREATE TABLE {relation} ({columns})")
        row = connection.execute(sql, parameters.values).fetchone()
    return row == (1,)


@pytest.mark.parametrize(
    "written",
    [
        "any",
        "src net 10.0.0.0/8 and dst port 443 and bytes >= 1M",
        "host 192.0.2.1",
        "not host 192.0.2.2",
        "port in [80, 440-450]",
        "flags S",
        "flags = SA",
        "user = 'John%'",
        "user like 'john_'",
        "user ~ HN",
        "src mac 00:1b:44:11:3a:b7",
        "start >= 2026-01-01T12:00:00Z and end < 2026-01-01T12:00:01.000000001Z",
        "duration = 1s",
        "bps = 8M and pps = 10 and bpp = 100k",
        "src_as = null",
        "src_as != 64512",
        "not (src_as > 5)",
        "bytes_up = 1M",
        "start_reported = 2026-01-01T12:00:00Z",
    ],
)
def test_a_flow_that_matches(written: str) -> None:
    assert is_picked(written, FLOW)


@pytest.mark.parametrize(
    "written",
    [
        "not any", "src 192.0.2.1", "port != 443", "flags SAF", "user = 'john%'", "user ~ '%%'",
        "src_as = 64512", "src_as < 5", "inet6", "dst_addr = ::/128", "duration > 1s", "user = null",
    ],
)  # fmt: skip
def test_a_flow_that_does_not(written: str) -> None:
    assert not is_picked(written, FLOW)


def test_values_never_enter_the_text() -> None:
    parameters = Parameters()
    sql = predicate(parse('user = "\'; DROP TABLE flows; --"').term, parameters)
    assert "DROP" not in sql
    assert parameters.values == {"p1": "'; DROP TABLE flows; --"}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "src_port": st.integers(0, 4), "dst_port": st.integers(0, 4), "protocol": st.integers(0, 4),
            "bytes": st.integers(0, 4),
        },
    ),
    terms(FILTERED),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_sql_picks_what_the_language_means(flow: dict[str, int], term: Term) -> None:
    assert is_picked(term, flow) == satisfies(flow, term), canonical(term)
