from __future__ import annotations

from tests.names.told import packed
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.known_ranges import replace_ranges, view_ranges
from tidegauge.store.lake import Lake

COLUMNS = {"first": "UUID", "last": "UUID", "service": "VARCHAR"}
DEFINITION = ", ".join(f"{name} {sql_type}" for name, sql_type in COLUMNS.items())


def row(first: str, last: str, service: str) -> dict[str, object]:
    return {"first": packed(first), "last": packed(last), "service": service}


def services(lake: Lake) -> list[str]:
    with lake.generation() as generation, Engine(generation) as engine:
        view_ranges(engine, lake, "range_services", DEFINITION)
        return [service for (service,) in engine.rows("SELECT service FROM range_services ORDER BY first")]


def test_a_relation_never_written_has_no_rows(lake: Lake) -> None:
    assert services(lake) == []


def test_new_rows_replace_all_of_the_old(lake: Lake) -> None:
    rows = [row("192.0.2.128", "192.0.2.255", "b"), row("192.0.2.0", "192.0.2.127", "a")]
    assert replace_ranges(lake, "range_services", COLUMNS, rows) == 2
    assert services(lake) == ["a", "b"]
    assert replace_ranges(lake, "range_services", COLUMNS, [row("10.0.0.0", "10.0.0.255", "c")]) == 1
    assert services(lake) == ["c"]
