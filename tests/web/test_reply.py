from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest

from tests.web.visitor import Visitor
from tidegauge.analysis.answer import Answer
from tidegauge.web.reply import written

ANSWER = Answer(
    data=[{"name": 'a "b",c', "ok": True, "list": ["x"], "number": None}],
    columns=[{"name": name, "type": "text", "unit": ""} for name in ("name", "ok", "list", "number")],
    totals={"flows": 1},
)


def test_json_carries_everything_around_the_rows() -> None:
    assert json.loads(written(ANSWER, "json")).keys() >= {
        "data", "columns", "totals", "other", "completeness", "clock", "warnings", "stats"
    }  # fmt: skip


def test_csv_quotes_as_rfc_4180_says() -> None:
    content = written(ANSWER, "csv").decode()
    assert content == 'name,ok,list,number\r\n"a ""b"",c",true,"[""x""]",\r\n'
    assert list(csv.reader(io.StringIO(content)))[1] == ['a "b",c', "true", '["x"]', ""]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("parquet", lambda content: pa.parquet.read_table(io.BytesIO(content))),
        ("arrow", lambda content: pa.ipc.open_stream(content).read_all()),
        ("ndjson", lambda content: pa.Table.from_pylist([json.loads(line) for line in content.splitlines()])),
    ],
)
def test_every_format_holds_the_same_rows(
    visitor: Visitor, name: str, table: Callable[[bytes], pa.Table]
) -> None:
    rows = table(visitor.get(f"/api/v1/top.{name}", by="src_addr").body).to_pylist()
    assert rows == visitor.get("/api/v1/top", by="src_addr").json["data"]


def test_a_saved_file_gets_a_name(visitor: Visitor) -> None:
    headers = visitor.get("/api/v1/top.csv", by="src_addr").headers
    assert headers["content-disposition"] == 'attachment; filename="tidegauge-top.csv"'
