"""Rows from Python put into a database by way of a file of JSON lines.

DuckDB reads such a file many times as fast as it takes Python objects one by one.
"""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

_CHUNK = 8192
_FORMAT = f"format = 'newline_delimited', maximum_object_size = {2**24}"


def make_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Iterable[Any]
) -> None:
    """Make a temporary table of rows, which are dicts or msgspec structs; keys they lack are null.

    ``columns`` maps names to SQL types. Addresses are 16 bytes, for columns of type UUID; instants are
    nanoseconds since 1970, for columns of type TIMESTAMPTZ_NS.
    """
    read_as = {column: _JSON_TYPES.get(sql_type, sql_type) for column, sql_type in columns.items()}
    selected = ", ".join(_selected(*column) for column in columns.items())
    with tempfile.TemporaryDirectory(prefix="tidegauge-") as folder:
        path = Path(folder) / "rows.ndjson"
        _write(rows, path)
        place = str(path).replace("'", "''")
        rows_sql = f"SELECT {selected} FROM read_json('{place}', columns = {read_as}, {_FORMAT})"  # noqa: S608 -- our own names
        connection.execute(f"CREATE TEMP TABLE {name} AS {rows_sql}")


_JSON_TYPES = {"UUID": "VARCHAR", "TIMESTAMPTZ_NS": "BIGINT"}


def _selected(name: str, sql_type: str) -> str:
    match sql_type:
        case "UUID":  # bytes are base64 in JSON
            return f'CAST(from_base64("{name}") AS UUID) AS "{name}"'
        case "TIMESTAMPTZ_NS":
            return f'CAST(make_timestamp_ns("{name}") AS TIMESTAMPTZ_NS) AS "{name}"'
        case _:
            return f'"{name}"'


def _write(rows: Iterable[Any], path: Path) -> None:
    waiting, encoder = iter(rows), msgspec.json.Encoder()
    with path.open("wb") as file:
        while chunk := list(islice(waiting, _CHUNK)):
            file.write(encoder.encode_lines(chunk))
