from __future__ import annotations

from typing import Any

import pytest

from tidegauge.analysis.rows import arranged, described, rows_from_tuples
from tidegauge.query.error import QuestionError
from tidegauge.query.statement import Column

V4, V6 = bytes(10) + b"\xff\xff\n\x01\x02\x00", b"\x20\x01\x0d\xb8" + bytes(12)
COLUMNS = [Column("n", "uint64"), Column("t", "text")]
ROWS: list[dict[str, Any]] = [{"n": 2, "t": "b"}, {"n": None, "t": "a"}, {"n": 3, "t": "c"}]


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        (Column("x", "address"), V4, "10.1.2.0"),
        (Column("x", "network", lengths=(24, 64)), V4, "10.1.2.0/24"),
        (Column("x", "network", lengths=(24, 64)), V6, "2001:db8::/64"),
        (Column("x", "instant"), 1, "1970-01-01T00:00:00.000000001Z"),
        (Column("x", "mac"), b"\x00\x1b\x44\x11\x3a\xb7", "00:1b:44:11:3a:b7"),
        (Column("x", "elements"), [{"element": "e", "value": None, "raw": None}], [
            {"element": "e", "value": None, "raw": None}]),
        (Column("x", "uint64"), 2**64, 2**64),
        (Column("x", "address"), None, None),
        (Column("x", "network"), None, None),
    ],
)  # fmt: skip
def test_values_become_what_json_can_say(column: Column, value: object, shown: object) -> None:
    assert rows_from_tuples([column], [(value,)]) == [{"x": shown}]


def test_no_rows() -> None:
    assert rows_from_tuples([Column("x", "address")], []) == []


def test_columns_are_described() -> None:
    assert described([Column("x", "uint64", "bytes")]) == [{"name": "x", "type": "uint64", "unit": "bytes"}]


@pytest.mark.parametrize(
    ("order", "top", "expected"),
    [("n", None, "cba"), ("n:asc", 2, "bc"), ("t", 0, "abc"), ("t:desc", 0, "cba"), ("", 1, "b")],
)
def test_short_lists_are_sorted_with_the_absent_last(order: str, top: int | None, expected: str) -> None:
    assert "".join(row["t"] for row in arranged(ROWS, COLUMNS, order, top)) == expected


@pytest.mark.parametrize("order", ["colour", "n:up", "n:"])
@pytest.mark.parametrize("rows", [ROWS, []])
def test_unknown_orders(rows: list[dict[str, Any]], order: str) -> None:
    with pytest.raises(QuestionError, match="the answer has n, t"):
        arranged(rows, COLUMNS, order, None)
