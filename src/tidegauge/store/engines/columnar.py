"""Rows written as Parquet or as an Arrow stream, for programs that take tables.

The rows go through a file of JSON lines, because DuckDB reads those many times as fast as it takes Python
objects one by one. Addresses stay text, as in every other output; times become real times.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import duckdb
import msgspec

_TYPES = {
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "texts": "VARCHAR[]",
    "elements": "STRUCT(element VARCHAR, value VARCHAR, raw VARCHAR)[]",
}


def write_columnar(
    rows: Sequence[Mapping[str, Any]], types: Mapping[str, str], format_name: str, stream: IO[bytes]
) -> None:
    """Write rows as ``parquet`` or an ``arrow`` IPC stream; ``types`` are those of an answer's columns."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relation = _relation(connection, rows, types, Path(folder) / "rows.ndjson")
        if format_name == "arrow":
            _write_arrow(relation, stream)
            return
        target = Path(folder) / "rows.parquet"
        relation.write_parquet(str(target), compression="zstd")
        with target.open("rb") as written:
            shutil.copyfileobj(written, stream)


def _relation(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Mapping[str, Any]],
    types: Mapping[str, str],
    path: Path,
) -> duckdb.DuckDBPyRelation:
    path.write_bytes(msgspec.json.Encoder().encode_lines(rows))
    read_as = {name: _TYPES.get(type_, "VARCHAR") for name, type_ in types.items()}
    relation = connection.read_json(
        str(path), columns=read_as, format="newline_delimited", maximum_object_size=2**28
    )
    selected = [
        f'CAST("{name}" AS TIMESTAMPTZ_NS) AS "{name}"' if type_ == "instant" else f'"{name}"'
        for name, type_ in types.items()
    ]
    return relation.project(", ".join(selected))


def _write_arrow(relation: duckdb.DuckDBPyRelation, stream: IO[bytes]) -> None:
    from nanoarrow.ipc import StreamWriter  # noqa: PLC0415 (for this format)

    with StreamWriter.from_writable(stream) as writer:  # type: ignore[no-untyped-call]
        writer.write_stream(relation)
