from __future__ import annotations

import pytest

from tidegauge.flow.addresses import network_from_text
from tidegauge.store.engines.clickhouse_dialect import Value, tables_of, translation

LIST = "groupArray(a)"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a // b", "SELECT intDivOrNull(a, b)"),
        ("SELECT (a & b) = 2", "SELECT (bitAnd(a, b)) = 2"),
        ("SELECT tos >> 2", "SELECT bitShiftRight(tos, 2)"),
        ("SELECT sum(bytes)", "SELECT SUM(CAST(bytes, 'Nullable(Int128)'))"),
        ("SELECT sum(CAST(a AS DOUBLE) * b)",
         "SELECT SUM(CAST(a, 'Nullable(Float64)') * CAST(b, 'Nullable(Float64)'))"),
        ("SELECT bool_or(a)", "SELECT MAX(a)"),
        ("SELECT xor(a, b)", "SELECT bitXor(a, b)"),
        ("SELECT list_has_any(a, ['b'])", "SELECT hasAny(a, ['b'])"),
        ("SELECT quantile_disc(a, 0.95)",
         f"SELECT arrayElementOrNull(arraySort({LIST}), intDiv((length({LIST}) * 19) + 19, 20))"),
        ("SELECT list(a ORDER BY b DESC, a)",
         "SELECT arrayMap(each -> tupleElement(each, 3), arraySort(groupArray(tuple(-b, a, a))))"),
        ("SELECT list_sort(list(a))", "SELECT arraySort(ARRAY_AGG(a))"),
        ("SELECT [e.value FOR e IN a IF e.element = 'x']",
         "SELECT arrayMap(e -> e.value, arrayFilter(e -> e.element = 'x', a))"),
        ("SELECT hash(flows) FROM flows", "SELECT sipHash64(tuple(flows.*)) FROM flows"),
        ("SELECT len(list(a))", "SELECT length(ARRAY_AGG(a))"),
        ("SELECT CAST(bytes AS UBIGINT)", "SELECT CAST(bytes, 'Nullable(Int128)')"),
        ("SELECT TRY_CAST(a AS BIGINT)", "SELECT accurateCastOrNull(a, 'Nullable(Int64)')"),
        ("SELECT epoch_ns(start)", "SELECT toUnixTimestamp64Nano(start)"),
        ("SELECT CAST(make_timestamp_ns(a) AS TIMESTAMPTZ_NS)", "SELECT fromUnixTimestamp64Nano(a)"),
        ("SELECT CAST(a AS BLOB)", "SELECT hex(a)"),
        ("SELECT lower(a)", "SELECT lowerUTF8(a)"),
        ("SELECT hash(a, b)", "SELECT sipHash64(tuple(a, b))"),
        ("SELECT unnest(range(a, b + 1))", "SELECT arrayJoin(range(a, b + 1))"),
        ("SELECT each.value FROM t AS each", "SELECT each.value FROM t AS each"),
        ("SELECT f(a).value", "SELECT tupleElement(f(a), 'value')"),
        ("SELECT a FROM t ANTI JOIN u ON t.a = u.a", "SELECT a FROM t LEFT ANTI JOIN u ON t.a = u.a"),
        ("WITH t AS NOT MATERIALIZED (SELECT 1) SELECT * FROM t", "WITH t AS (SELECT 1) SELECT * FROM t"),
        ("WITH t AS MATERIALIZED (SELECT 1) SELECT * FROM t",
         "WITH t AS MATERIALIZED (SELECT 1) SELECT * FROM t"),
        ("SELECT * REPLACE (b AS a) FROM t WHERE a",
         "SELECT * REPLACE (b AS a) FROM (SELECT * FROM t WHERE a) AS asked"),
        ('SELECT 1 AS "flows" FROM flows', 'SELECT 1 AS "flow_count" FROM flows'),
        ("SELECT 1 FROM f ASOF LEFT JOIN p ON a >= p.b",
         "SELECT 1 FROM f ASOF LEFT JOIN p ON isNull(a) = isNull(p.b) AND toUInt128(a) >= toUInt128(p.b)"),
        ("SELECT a = CAST('00000000-0000-0000-0000-ffff0a000001' AS UUID)", "SELECT a = toIPv6('10.0.0.1')"),
    ],
)  # fmt: skip
def test_what_would_mean_something_else_is_rewritten(sql: str, expected: str) -> None:
    assert translation(sql).sql == expected


@pytest.mark.parametrize(
    ("expression", "value", "place", "text"),
    [
        ("CAST($p1 AS USMALLINT)", 443, "{p1: UInt16}", "443"),
        ("CAST($p1 AS UBIGINT)", 2**64 - 1, "{p1: UInt64}", "18446744073709551615"),
        ("$p1", -5, "{p1: Nullable(Int64)}", "-5"),
        ("CAST($p1 AS UUID)", "00000000-0000-0000-0000-ffff0a000001", "{p1: IPv6}", "10.0.0.1"),
        ("CAST($p1 AS BLOB)", b"\x00\xff", "unhex({p1: String})", "00ff"),
        ("CAST($p1 AS VARCHAR)", "it's\ta\\b\n", "{p1: String}", "it's\ta\\b\n"),
        ("CAST($p1 AS BIGINT[])", [1, -2], "{p1: Array(Int64)}", "[1, -2]"),
        ("CAST($p1 AS UHUGEINT)", str(2**127), "{p1: UInt128}", str(2**127)),
    ],
)
def test_values_stay_apart_from_the_text(expression: str, value: Value, place: str, text: str) -> None:
    found = translation(f"SELECT 1 WHERE a = {expression}")
    assert found.sql == f"SELECT 1 WHERE a = {place}"
    assert found.texts({"p1": value}) == {"p1": text}


def test_a_backslash_in_a_pattern_stays_a_letter() -> None:
    found = translation("SELECT 1 WHERE a ILIKE CAST($p1 AS VARCHAR)")
    assert found.texts({"p1": "\\%"}) == {"p1": "\\\\%"}


def test_nothing_is_a_value_too() -> None:
    assert translation("SELECT 1 WHERE $since IS NULL").texts({"since": None}) == {"since": None}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT is_home(a)", "SELECT (a BETWEEN toIPv6('10.0.0.0') AND toIPv6('10.255.255.255'))"),
        ("SELECT near_is_source(a, b, c, d)",
         "SELECT (CASE WHEN {a} = {b} THEN COALESCE(c, 0) >= COALESCE(d, 0) ELSE {a} END)"),
    ],
)  # fmt: skip
def test_macros_are_written_out(sql: str, expected: str) -> None:
    home = (network_from_text("10.0.0.0/8"),)
    a, b = (f"({end} BETWEEN toIPv6('10.0.0.0') AND toIPv6('10.255.255.255'))" for end in "ab")
    assert translation(sql, home).sql == expected.format(a=a, b=b)
    assert translation("SELECT is_home(a)").sql == "SELECT FALSE"


def test_columns_of_bytes_are_known_where_they_come_from() -> None:
    found = translation("SELECT b, a FROM (SELECT a, CAST(b AS BLOB) AS b FROM t)")
    assert found.blobs == (0,)
    assert found.sql == "SELECT b, a FROM (SELECT a, hex(b) AS b FROM t)"


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT * FROM flows ASOF LEFT JOIN places ON TRUE", {"flows", "places"}),
        ("WITH a AS (SELECT 1), b AS NOT MATERIALIZED (SELECT * FROM c) SELECT * FROM a JOIN b", {"c"}),
        ("SELECT a IS NOT DISTINCT FROM b FROM (SELECT * FROM c) AS d", {"c"}),
        ("CREATE TABLE a AS FROM (FROM flows UNION ALL SELECT * FROM ledger) AS b", {"flows", "ledger"}),
    ],
)
def test_tables_of_a_statement(sql: str, tables: set[str]) -> None:
    assert tables_of(sql) == tables


def test_columns_of_bytes_are_known_by_their_place() -> None:
    assert translation("SELECT a, CAST(b AS BLOB), CAST(CAST(c AS UUID) AS BLOB) FROM t").blobs == (1, 2)
