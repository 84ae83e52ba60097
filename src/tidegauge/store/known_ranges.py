"""Relations of address ranges in the lake: each one Parquet file in ``names/``, replaced as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from tidegauge.store.durable import make_folder, sync, whole
from tidegauge.store.engines.database import files_sql
from tidegauge.store.engines.rows import make_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.lake import Lake


def replace_ranges(
    lake: Lake, relation: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Put rows in place of all that the relation held, and return how many they are.

    ``columns`` maps names to SQL types; the first is what the rows are sorted by.
    """
    folder = lake.path / "names"
    make_folder(folder)
    target = folder / f"{relation}.ranges"
    with duckdb.connect(config={"threads": 1}) as connection, whole(target) as partial:
        make_table(connection, "found", columns, rows)
        path = str(partial).replace("'", "''")
        options = "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false"  # the name is our temporary one
        written = connection.execute(
            f"COPY (FROM found ORDER BY {next(iter(columns))}) TO '{path}' ({options})"
        ).fetchone()
    sync(folder)
    assert written is not None  # COPY tells how many rows it wrote
    return int(written[0])


def view_ranges(engine: Engine, lake: Lake, relation: str, columns: str) -> None:
    """Let the engine see a relation under its name; without rows where it was never written."""
    path = lake.path / "names" / f"{relation}.ranges"
    if path.exists():
        # Read at once: the file may be replaced while the question runs.
        engine.rows(f"CREATE TEMP TABLE {relation} AS FROM {files_sql([str(path)])}")
    else:
        engine.rows(f"CREATE TEMP TABLE {relation} ({columns})")
