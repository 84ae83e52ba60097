from __future__ import annotations

from typing import Any

import pytest

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.csv_text import csv_chunks


def text_of(*rows: dict[str, Any]) -> str:
    columns = [{"name": name, "type": "text", "unit": ""} for name in ("a", "b")]
    return b"".join(csv_chunks(Answer(data=list(rows), columns=columns))).decode()


def test_without_rows_there_is_a_header() -> None:
    assert text_of() == "a,b\r\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        ('x,"y', '"x,""y"'),
        (["x"], '"[""x""]"'),
        ("a\nb", '"a\nb"'),
    ],
)
def test_cells(value: object, cell: str) -> None:
    assert text_of({"a": value, "b": 1}) == f"a,b\r\n{cell},1\r\n"


def test_many_rows_come_in_chunks_and_in_order() -> None:
    columns = [{"name": "n", "type": "uint64", "unit": ""}]
    chunks = list(csv_chunks(Answer(data=[{"n": n} for n in range(10_000)], columns=columns)))
    assert len(chunks) == 4
    assert b"".join(chunks).decode().splitlines() == ["n", *map(str, range(10_000))]
