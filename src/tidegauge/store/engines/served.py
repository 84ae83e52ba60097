"""An engine whose flows lie in ClickHouse, while what they are named by lies in the lake.

A statement is asked where its rows are. A SELECT from flows, options, sightings or the ledger goes to the
server, after the relations it joins have been sent there; any other is answered here, from the lake. What
exporters told in options is fetched where a relation of names is made of it, since that is made here.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegauge.store.engines.clickhouse import ClickHouse
from tidegauge.store.engines.clickhouse_dialect import is_select, tables_of
from tidegauge.store.engines.database import files_sql
from tidegauge.store.engines.duckdb import Engine, Scanned
from tidegauge.store.engines.standing_flows import REPORTED
from tidegauge.store.engines.tables import TABLES
from tidegauge.store.errors import LakeUnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidegauge.flow.addresses import Network
    from tidegauge.store.engines.clickhouse_connection import Connection
    from tidegauge.store.generation import Generation

# The groups of four digits that IPv6 is written in.
_ADDRESS = "rtrim(regexp_replace(replace(CAST({0} AS VARCHAR), '-', ''), '(....)', '\\1:', 'g'), ':')"

_FLOWS = re.compile(r"(?<!DISTINCT )\b(FROM|JOIN)\s+flows\b(?!\.)(?: AS (\w+))?")
_FETCHED = frozenset({"options", "ledger"})
_REFUSED = "a question that makes something of flows is not answered where these lie in ClickHouse"


class ServedEngine(Engine):
    """As ``Engine``; the connection is closed with it. No stock: what is kept here is not what is there."""

    def __init__(
        self,
        generation: Generation,
        since: int | None,
        until: int | None,
        home: Iterable[Network],
        server: Connection,
    ) -> None:
        networks = tuple(home)
        super().__init__(generation, since, until, networks)
        self._server = server
        self._clickhouse = ClickHouse(server, networks)
        self._kept: set[str] = set()
        self._sent: set[str] = set()
        self._replaced = ""
        self._forget_files()
        [(rows,)] = self._clickhouse.rows("SELECT count(*) FROM flows")
        self.scanned = Scanned(rows, 0, 0)

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement with named parameters, asked where its rows are."""
        there = tables_of(sql) & (TABLES.keys() | self._kept)
        if not there:
            return super().rows(sql, values)
        if is_select(sql):
            return self._clickhouse.rows(self._asked(sql), values)
        if not there <= _FETCHED:
            raise LakeUnreadableError(f"{_REFUSED}; ask a lake that has them in its own files")
        for table in there:
            self._fetch(table, sql)
        return super().rows(sql, values)

    def keep(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Keep the rows of a SELECT over the tables of the lake as a relation."""
        self._clickhouse.make_table(name, self._asked(sql), values)
        self._kept.add(name)

    def replace_flows(self, sql: str) -> None:
        """Let ``flows`` be the rows of a SELECT over ``reported``, the flows as they were so far."""
        reported = f"({self._replaced})" if self._replaced else "flows"
        self._replaced = REPORTED.sub(f"FROM {reported} AS reported", sql)

    def statistics(self) -> None:
        """Nothing is known: the files here are not what is asked."""

    def close(self) -> None:
        """Let go of the files and of the server."""
        super().close()
        self._server.close()

    def _forget_files(self) -> None:
        """So that a statement asked in the wrong place fails: the lake's own files are not what is meant."""
        self._unseen.clear()
        self.faults, self.removed_before = [], None

    def _asked(self, sql: str) -> str:
        """The statement as it is asked there, where all that it reads is by then."""
        if self._replaced:
            sql = _FLOWS.sub(lambda found: f"{found[1]} ({self._replaced}) AS {found[2] or 'flows'}", sql)
        for name in tables_of(sql) - TABLES.keys() - self._kept - self._sent:
            self._send(name)
        return sql

    def _send(self, name: str) -> None:
        relation = self.connection.table(name)
        columns = dict(zip(relation.columns, map(str, relation.types), strict=True))
        shown = [
            f'{_ADDRESS.format(column)} AS "{column}"' if kind == "UUID" else f'"{column}"'
            for column, kind in columns.items()
        ]
        with tempfile.TemporaryDirectory(prefix="tidegauge-") as folder:
            path = Path(folder) / "rows.ndjson"
            target = str(path).replace("'", "''")
            rows = f"SELECT {', '.join(shown)} FROM {name}"  # noqa: S608 (names of ours)
            self.connection.execute(f"COPY ({rows}) TO '{target}' (FORMAT json)")
            self._clickhouse.take(name, columns, path.read_bytes())
        self._sent.add(name)

    def _fetch(self, table: str, sql: str) -> None:
        """Have what a statement speaks of in a table there here, in the place of the lake's files."""
        columns = [name for name in TABLES[table] if re.search(rf"\b{name}\b", sql)]
        with tempfile.TemporaryDirectory(prefix="tidegauge-") as folder:
            path = Path(folder) / "rows.parquet"
            path.write_bytes(self._clickhouse.fetch(table, columns))
            shown = ", ".join(f'{_fetched(name, TABLES[table][name])} AS "{name}"' for name in columns)
            rows = f"SELECT {shown} FROM {files_sql([str(path)])}"  # noqa: S608 (names of ours)
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE fetched_{table} AS {rows}")
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS FROM fetched_{table}")


def _fetched(name: str, sql_type: str) -> str:
    """A column as the lake's own files have it."""
    match sql_type:
        case "UUID":
            return f'CAST(unhex("{name}") AS UUID)'
        case "TIMESTAMPTZ_NS":
            return f'CAST(make_timestamp_ns("{name}") AS TIMESTAMPTZ_NS)'
        case _ if sql_type.startswith("STRUCT"):
            shown = "{'element': e.element, 'value': e.value, 'raw': unhex(e.raw)}"
            return f'CASE WHEN len("{name}") > 0 THEN [{shown} FOR e IN "{name}"] END'
        case _:
            return f'CAST("{name}" AS {sql_type})'
