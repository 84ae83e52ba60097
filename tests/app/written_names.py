"""The names a lake holds, and in how many files."""

from __future__ import annotations

from pathlib import Path

from tidegauge.store.bindings import bindings_seen
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake


def names(lake: Lake) -> list[str]:
    with lake.generation() as generation, Engine(generation) as engine, bindings_seen(engine, lake):
        return [name for (name,) in engine.rows("SELECT name FROM bindings ORDER BY name")]


def files(lake: Lake) -> list[Path]:
    return sorted((lake.path / "names").glob("*.parquet"))
