from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import duckdb
import nanoarrow
from nanoarrow import ipc

from tidegauge.store.engines.columnar import write_columnar

ROWS: list[dict[str, Any]] = [
    {"time": "2026-01-01T12:00:00.123456789Z", "src_addr": "10.0.0.1", "bytes": 2**64 - 1, "other": [
        {"element": "x", "value": None, "raw": "00ff"}], "is": True},
    {"time": None, "src_addr": None, "bytes": None, "other": None, "is": None},
]  # fmt: skip
TYPES = {"time": "instant", "src_addr": "address", "bytes": "uint64", "other": "elements", "is": "boolean"}


def test_parquet_keeps_types_and_nanoseconds(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with path.open("wb") as stream:
        write_columnar(ROWS, TYPES, "parquet", stream)
    rows = duckdb.execute(f"SELECT epoch_ns(time), * EXCLUDE time FROM '{path}'").fetchall()
    other = [{"element": "x", "value": None, "raw": "00ff"}]
    assert rows == [(1_767_268_800_123_456_789, "10.0.0.1", 2**64 - 1, other, True), (None,) * 5]


def test_arrow_is_an_ipc_stream() -> None:
    stream = io.BytesIO()
    write_columnar(ROWS, TYPES, "arrow", stream)
    table = nanoarrow.Array(ipc.InputStream.from_readable(stream.getvalue()))
    assert table.schema.field(0).type == nanoarrow.Type.TIMESTAMP
    assert table.child(2).to_pylist() == [2**64 - 1, None]


def test_no_rows_still_have_columns() -> None:
    stream = io.BytesIO()
    write_columnar([], TYPES, "arrow", stream)
    table = nanoarrow.Array(ipc.InputStream.from_readable(stream.getvalue()))
    assert len(table) == 0
    assert [field.name for field in table.schema.fields] == list(TYPES)
