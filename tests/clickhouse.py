"""A lake's tables in ClickHouse's engine, in this process; and an engine that asks both and compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tidegauge.analysis import reading
from tidegauge.query.lookups import RELATIONS
from tidegauge.store.engines.clickhouse import ClickHouse
from tidegauge.store.engines.clickhouse_connection import Connection
from tidegauge.store.engines.clickhouse_dialect import is_select, tables_of
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.served import ServedEngine
from tidegauge.store.engines.tables import TABLES
from tidegauge.store.generation import Generation
from tidegauge.store.lake import Lake

DSN = "chdb://memory"
# Nothing of it is the lake's own, and it is not a relation; the timeline asks it.
BINDINGS = "bindings"
BESIDE = {"sampling", "counters"}


@contextmanager
def served(lake: Lake) -> Iterator[Lake]:
    """The same lake, asked in ClickHouse; what was in the engine goes with the last connection to it."""
    with Connection(DSN) as connection, lake.generation() as generation:
        clickhouse = ClickHouse(connection)
        clickhouse.create()
        for table in TABLES:
            for segment in generation.segments(table):
                clickhouse.load(table, f"file('{segment.path}')")
        yield Lake.open(lake.path, clickhouse=DSN)


class TwoEngines(ServedEngine):
    """Asks DuckDB and ClickHouse, and fails where a row is not the same. Hashes are each engine's own."""

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        here = Engine.rows(self, sql, values)
        tables = tables_of(sql)
        is_ours = tables <= TABLES.keys() | RELATIONS.keys() | BESIDE or (
            tables == {BINDINGS} and "SELECT DISTINCT" in sql
        )
        if (
            not is_select(sql) or not tables or not is_ours or "unnest($" in sql
        ):  # how names come about, and detectors
            return here
        there = self._clickhouse.rows(self._asked(sql), values)
        self._sent.discard(BINDINGS)  # it is made anew each time
        width = -1 if "hash(flows)" in sql else None
        shown = [[row[:width] for row in rows] for rows in (here, there)]
        if "ORDER BY" not in sql:
            shown = [sorted(rows, key=repr) for rows in shown]
        assert shown[1] == shown[0], sql
        return here

    def _forget_files(self) -> None:
        """They are what is compared with."""

    def keep(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> None:
        Engine.keep(self, name, sql, values)
        super().keep(name, sql, values)

    def replace_flows(self, sql: str) -> None:
        Engine.replace_flows(self, sql)
        super().replace_flows(sql)

    @classmethod
    def asked_by_readings(cls, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on every question about a lake goes through this engine."""

        def engine_of(generation: Generation, *asked: Any, **_: Any) -> Engine:
            since, until, home = asked
            return cls(generation, since, until, home, Connection(DSN))

        monkeypatch.setattr(reading, "engine_of", engine_of)
