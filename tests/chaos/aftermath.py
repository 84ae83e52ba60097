"""What is left of a life that ended badly: each flow once, and a ledger that knows of the others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from tests.chaos.crash_points import Life
from tidegauge.store.durable import PARTIAL
from tidegauge.store.lake import Lake
from tidegauge.store.reconciliation import unstored

COUNTED = ("records", "stored", "lost_write")


def look(connection: duckdb.DuckDBPyConnection, lake: Lake, life: Life, moment: str) -> list[int]:
    """The flows that a reader sees; they and the ledger agree with what was received and acknowledged."""
    with lake.generation() as generation:
        flows = [segment.path for segment in generation.segments("flows")]
        paths = [segment.path for segment in generation.segments("ledger")]
        told: Counter[str] = Counter()
        for row in unstored(generation):
            told.update({name: row.counters[name] for name in COUNTED})
        numbers = column(connection, flows, "bytes")
        for name in COUNTED:
            told[name] += sum(column(connection, paths, name))
    removed = lake.manifest().removed.get("flows")
    received = life.received
    assert len(set(numbers)) == len(numbers), f"{moment}: a flow is there twice"
    assert set(life.acknowledged) - set(life.removed) <= set(numbers) <= set(received), (
        f"{moment}: a stored flow is missing"
    )
    assert told["stored"] == len(numbers) + (removed.rows if removed else 0), moment
    assert told["lost_write"] == told["records"] - told["stored"], moment
    assert told["records"] <= len(received), moment
    return numbers


def column(connection: duckdb.DuckDBPyConnection, paths: list[str], name: str) -> list[int]:
    if not paths:
        return []
    relation = connection.read_parquet(paths)
    return [int(value) for (value,) in relation.project(name).order(name).fetchall()]


def strays(lake: Lake) -> list[Path]:
    """Files that nobody will ever ask for or delete."""
    manifest = lake.manifest()
    known = {path for segment in (*manifest.segments, *manifest.history) for path in segment.files}
    known |= {path for retired in manifest.retired for path in retired.segments}
    files = [path for path in lake.path.rglob("*") if path.is_file()]
    # What is known of templates, and the next generation, are written again under the same name.
    replaced = {lake.path / "templates", lake.path / "generations"}
    lasting = [path for path in files if path.parent not in replaced]
    partial = [path for path in lasting if path.name.endswith(PARTIAL)]
    segments = [path for path in files if path.is_relative_to(lake.path / "segments")]
    return partial + [path for path in segments if str(path.relative_to(lake.path)) not in known]
