"""ClickHouse as an engine: the same statements over the same columns, for more flows than one machine holds.

Needs SQLGlot. How a statement gets to the server is the caller's: over HTTP, or in-process by chDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from tidegauge.flow.addresses import text_from_address
from tidegauge.store.engines.clickhouse_dialect import Value, translation
from tidegauge.store.engines.duckdb import HOME_NETWORKS
from tidegauge.store.engines.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tidegauge.flow.addresses import Network

Ask: TypeAlias = "Callable[[str, Mapping[str, str]], bytes]"
"""Runs one statement with its parameters, escaped as ``param_…`` of the HTTP interface wants them."""

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
}
# Rows come as JSON, which has no bytes: ``raw`` is kept as hexadecimal digits. No array is null; it is empty.
_ELEMENTS = "Array(Tuple(element Nullable(String), value Nullable(String), raw Nullable(String)))"
_HEX_ELEMENTS = "arrayMap(each -> (each.element, each.value, hex(each.raw)), {})"
# As in the DuckDB engine: the near end is at home, else asked first from the higher port.
_NEAR_IS_SOURCE = """\
CREATE OR REPLACE FUNCTION near_is_source AS (src_addr, dst_addr, src_port, dst_port) ->
  if(is_home(src_addr) = is_home(dst_addr),
     ifNull(src_port, 0) >= ifNull(dst_port, 0), is_home(src_addr))"""
_SETTINGS = {
    "aggregate_functions_null_for_empty": 1,  # the sum of nothing is unknown, not 0
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,  # a column renamed to the name of another must not stand in for it
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_denormals": 1,
}
_SETTINGS_TEXT = ", ".join(f"{name} = {value}" for name, value in _SETTINGS.items())


class ClickHouse:
    """Answers statements written for DuckDB, over tables with the columns of the lake."""

    def __init__(self, ask: Ask) -> None:
        """``ask`` runs one statement; nothing is kept between statements."""
        self._ask = ask

    def make_table(self, name: str, sql: str, values: Mapping[str, Value] | None = None) -> None:
        """Keep the rows of a SELECT as a table in memory, in place of one of that name."""
        translated = translation(sql)
        text = f"CREATE OR REPLACE TABLE {name} ENGINE = Memory AS {translated.sql} SETTINGS {_SETTINGS_TEXT}"
        self._ask(text, translated.texts(values or {}))

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement with named parameters (``$name``), as DuckDB would give them."""
        translated = translation(sql)
        text = f"{translated.sql} SETTINGS {_SETTINGS_TEXT} FORMAT JSONCompactEachRow"
        lines = self._ask(text, translated.texts(values or {}))
        return [_row(msgspec.json.decode(line), translated.blobs) for line in lines.splitlines()]

    def create(self, home: Iterable[Network] = HOME_NETWORKS) -> None:
        """Make the tables where they are missing, and the functions that statements use."""
        for statement in (*map(table_statement, TABLES), *_functions(home)):
            self._ask(statement, {})

    def load(self, table: str, parquet: str) -> None:
        """Take over rows of the lake; ``parquet`` is a table function such as ``file('…')`` or ``s3(…)``."""
        names = ", ".join(f'"{name}"' for name in TABLES[table])
        selected = ", ".join(_loaded(name, sql_type) for name, sql_type in TABLES[table].items())
        self._ask(f"INSERT INTO {table} ({names}) SELECT {selected} FROM {parquet}", {})  # noqa: S608 (no values)


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


def _row(row: list[Any], blobs: tuple[int, ...]) -> tuple[Any, ...]:
    """A row as DuckDB gives it."""
    for index in blobs:
        row[index] = None if row[index] is None else bytes.fromhex(row[index])
    return tuple(_elements(value) if isinstance(value, list) else value for value in row)


def _elements(found: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    for each in found:
        each["raw"] = None if each["raw"] is None else bytes.fromhex(each["raw"])
    return found or None


def _functions(home: Iterable[Network]) -> tuple[str, ...]:
    ranges = [
        f"address BETWEEN toIPv6('{_address(network.first)}') AND toIPv6('{_address(network.last)}')"
        for network in home
    ]
    is_home = f"CREATE OR REPLACE FUNCTION is_home AS (address) -> ({' OR '.join(ranges) or 'false'})"
    return is_home, _NEAR_IS_SOURCE


def _address(number: int) -> str:
    return text_from_address(number.to_bytes(16, "big"))
