"""ClickHouse as an engine: the same statements over the same columns, for more flows than one machine holds.

Needs SQLGlot. How a statement gets there is the server's: ``tidegauge.store.engines.clickhouse_connection``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from tidegauge.store.engines.clickhouse_dialect import Value, translation
from tidegauge.store.engines.duckdb import HOME_NETWORKS
from tidegauge.store.engines.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidegauge.flow.addresses import Network

_TYPES = {
    "UUID": "Nullable(IPv6)",
    "TIMESTAMPTZ_NS": "Nullable(DateTime64(9, 'UTC'))",
    "VARCHAR": "LowCardinality(Nullable(String))",
    "BLOB": "Nullable(FixedString(6))",
    "UTINYINT": "Nullable(UInt8)",
    "USMALLINT": "Nullable(UInt16)",
    "UINTEGER": "Nullable(UInt32)",
    "UBIGINT": "Nullable(UInt64)",
    "BIGINT": "Nullable(Int64)",
    "BOOLEAN": "Nullable(Bool)",
    "DOUBLE": "Nullable(Float64)",
}
# Rows come as JSON, which has no bytes: ``raw`` is kept as hexadecimal digits. No array is null; it is empty.
_ELEMENTS = "Array(Tuple(element Nullable(String), value Nullable(String), raw Nullable(String)))"
_HEX_ELEMENTS = "arrayMap(each -> (each.element, each.value, hex(each.raw)), {})"
_SETTINGS = {
    "aggregate_functions_null_for_empty": 1,  # the sum of nothing is unknown, not 0
    "join_use_nulls": 1,
    "enable_materialized_cte": 1,  # where a statement wants one; else each mention is worked out anew
    "compile_expressions": 0,  # each question computes something else: to compile it took up to four seconds
    "prefer_column_name_to_alias": 1,  # a column renamed to the name of another must not stand in for it
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_denormals": 1,
}
_MAKE = "CREATE OR REPLACE TEMPORARY TABLE"
_SETTINGS_TEXT = ", ".join(f"{name} = {value}" for name, value in _SETTINGS.items())


class Server(Protocol):
    """One session with ClickHouse."""

    def ask(self, sql: str, parameters: Mapping[str, str | None]) -> bytes:
        """Run one statement whose places are ``{name: Type}``."""

    def insert(self, table: str, lines: bytes) -> None:
        """Add rows to a table: a JSON object each line."""


class ClickHouse:
    """Answers statements written for DuckDB, over tables with the columns of the lake."""

    def __init__(self, server: Server, home: Iterable[Network] = HOME_NETWORKS) -> None:
        """``server`` is where the tables are, and what is made for the questions of this session."""
        self._server = server
        self._home = tuple(home)

    def make_table(self, name: str, sql: str, values: Mapping[str, Value] | None = None) -> None:
        """Keep the rows of a SELECT for this session, as a table in place of one of that name."""
        translated = translation(sql, self._home)
        text = f"{_MAKE} {name} ENGINE = Memory AS {translated.sql} SETTINGS {_SETTINGS_TEXT}"
        self._server.ask(text, translated.texts(values or {}))

    def take(self, name: str, columns: Mapping[str, str], lines: bytes) -> None:
        """Keep rows for this session, a JSON object each line, as a table in place of one of that name.

        ``columns`` maps names to the SQL types of DuckDB. Addresses are text.
        """
        described = ", ".join(f'"{column}" {_type(sql_type)}' for column, sql_type in columns.items())
        self._server.ask(f"{_MAKE} {name} ({described}) ENGINE = Memory", {})
        if lines:
            self._server.insert(name, lines)

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement with named parameters (``$name``), as DuckDB would give them."""
        translated = translation(sql, self._home)
        text = f"{translated.sql} SETTINGS {_SETTINGS_TEXT} FORMAT JSONCompactEachRow"
        lines = self._server.ask(text, translated.texts(values or {}))
        return [_row(msgspec.json.decode(line), translated.blobs) for line in lines.splitlines()]

    def fetch(self, table: str, columns: Iterable[str]) -> bytes:
        """Columns of a table as a Parquet file, addresses and raw values as hexadecimal digits."""
        shown = ", ".join(_shown(name, TABLES[table][name]) for name in columns)
        return self._server.ask(f"SELECT {shown} FROM {table} FORMAT Parquet", {})  # noqa: S608 (names of ours)

    def create(self) -> None:
        """Make the tables of the lake where they are missing."""
        for table in TABLES:
            self._server.ask(table_statement(table), {})

    def load(self, table: str, parquet: str) -> None:
        """Take over rows of the lake; ``parquet`` is a table function such as ``file('…')`` or ``s3(…)``."""
        names = ", ".join(f'"{name}"' for name in TABLES[table])
        selected = ", ".join(_loaded(name, sql_type) for name, sql_type in TABLES[table].items())
        self._server.ask(f"INSERT INTO {table} ({names}) SELECT {selected} FROM {parquet}", {})  # noqa: S608 (no values)


def table_statement(table: str) -> str:
    """The CREATE TABLE of a table of the lake, by day of arrival and in its order."""
    columns = ", ".join(f'"{name}" {_type(sql_type)}' for name, sql_type in TABLES[table].items())
    time = "minute" if table == "ledger" else "received"
    return (
        f"CREATE TABLE IF NOT EXISTS {table} ({columns}) ENGINE = MergeTree "
        f"PARTITION BY toYYYYMMDD({time}) ORDER BY ({time}, exporter) SETTINGS allow_nullable_key = 1"
    )


def _type(sql_type: str) -> str:
    return _ELEMENTS if sql_type.startswith("STRUCT") else _TYPES[sql_type]


def _loaded(name: str, sql_type: str) -> str:
    if sql_type == "UUID":
        return f"CAST(toUInt128(\"{name}\"), 'Nullable(IPv6)')"
    return _HEX_ELEMENTS.format(f'"{name}"') if sql_type.startswith("STRUCT") else f'"{name}"'


def _shown(name: str, sql_type: str) -> str:
    match sql_type:
        case "UUID":
            return f'hex("{name}") AS "{name}"'
        case "TIMESTAMPTZ_NS":
            return f'toUnixTimestamp64Nano("{name}") AS "{name}"'
        case _:
            return f'"{name}"'


def _row(row: list[Any], blobs: tuple[int, ...]) -> tuple[Any, ...]:
    """A row as DuckDB gives it."""
    for index in blobs:
        row[index] = None if row[index] is None else bytes.fromhex(row[index])
    return tuple(_listed(value) if isinstance(value, list) else value for value in row)


def _listed(found: list[Any]) -> list[Any] | None:
    for each in found:
        if isinstance(each, dict):
            each["raw"] = None if each["raw"] is None else bytes.fromhex(each["raw"])
    return found or None
