from __future__ import annotations

from pathlib import Path

from tests.names.told import packed
from tidegauge.flow.binding import Binding, Kind
from tidegauge.store.bindings import BINDING_COLUMNS, append, bindings_seen
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake


def site(name: str, since: int = 10) -> Binding:
    return Binding(
        kind=Kind.SITE, address=packed("192.0.2.1"), client=packed("fd10::1"), name=name, since=since,
        until=None, source="dns", confidence=70,
    )  # fmt: skip


def files(lake: Lake) -> list[Path]:
    return sorted((lake.path / "names").glob("*.parquet"))


def names(lake: Lake) -> list[str]:
    with lake.generation() as generation, Engine(generation) as engine, bindings_seen(engine, lake):
        return [name for (name,) in engine.rows("SELECT name FROM bindings ORDER BY name")]


def test_a_binding_comes_back_as_it_was_said(lake: Lake) -> None:
    assert append(lake, [site("www.youtube.com")], now=5) == 1
    with lake.generation() as generation, Engine(generation) as engine, bindings_seen(engine, lake):
        [row] = engine.rows(
            "SELECT CAST(address AS BLOB), CAST(client AS BLOB), * EXCLUDE (address, client) FROM bindings"
        )
        described = engine.rows("DESCRIBE bindings")
    assert row == (
        packed("192.0.2.1"), packed("fd10::1"), "site", "www.youtube.com", 10, None, "dns", 70, False,
    )  # fmt: skip
    assert {name: type_ for name, type_, *_ in described} == BINDING_COLUMNS
