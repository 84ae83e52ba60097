"""A set of rows in the lake: immutable Parquet files in one folder, each whole or absent.

The same row said twice means what it means once. So no manifest has to tell which files count: joining
small files into one changes nothing, even where a crash leaves both the old and the new.
"""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from tidegauge.store.durable import make_folder, sync, whole
from tidegauge.store.engines.rows import make_table
from tidegauge.store.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    import duckdb

    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.lake import Lake

SMALL_FILES = 16
"""So many files of one size are joined when one more is written: each costs a reader about a millisecond."""
_SMALL_BYTES = 32 * 2**20
_SIZES = (0, 64 * 2**10, 2**20, _SMALL_BYTES)
"""Bounds of what counts as one size. What is learnt live is a file a second: what was joined already must
not be written again with every sixteen of them."""
_PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows of one shape in the folder ``name`` of any lake; what reads them sees them as ``relation``.

    ``columns`` maps names to SQL types, ``order`` is what the rows of a file are sorted by.
    """

    name: str
    relation: str
    columns: Mapping[str, str]
    order: str

    def append(self, lake: Lake, rows: Iterable[Any], now: int) -> int:
        """Write rows as one more file, and return how many they were; none at all makes no file.

        They stream through a temporary file, so their number is not bound by memory.
        """
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            return 0
        folder = lake.path / self.name
        make_folder(folder)
        (folder / "lock").touch()
        with _open(folder), _connection() as connection:
            make_table(connection, "said", self.columns, chain([first], waiting))
            count = self._write(connection, "said", folder, now)
        for smaller, size in pairwise(_SIZES):
            # What is joined may be one too many of the next size.
            if len(_small(folder, size)) - len(_small(folder, smaller)) > SMALL_FILES:
                self.compact(lake, now, size)
        return count

    def compact(self, lake: Lake, now: int, size: int = _SMALL_BYTES) -> None:
        """Join the files smaller than ``size`` into one, each row once.

        Whoever still reads one is waited for. Does nothing while another process is at it.
        """
        folder = lake.path / self.name
        (folder / "joining").touch()
        alone = FileLock.exclusive_at_once(folder / "joining")
        if alone is None:
            return
        with alone, _connection() as connection:
            small = _small(folder, size)
            connection.read_parquet([str(path) for path in small]).create_view("small")
            with _open(folder):
                self._write(connection, "(SELECT DISTINCT * FROM small)", folder, now)
            with FileLock.exclusive(folder / "lock"):
                for path in small:
                    path.unlink(missing_ok=True)

    @contextmanager
    def seen(self, engine: Engine, lake: Lake) -> Iterator[None]:
        """Let the engine see the rows until the block ends."""
        from tidegauge.store.engines.database import files_sql  # noqa: PLC0415 -- as in _connection

        with _open(lake.path / self.name):
            # Listed under the lock: from here on no file vanishes.
            files = sorted((lake.path / self.name).glob("*.parquet"))
            if files:
                engine.rows(f"CREATE TEMP VIEW {self.relation} AS FROM {files_sql(map(str, files))}")
            else:
                nothing = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in self.columns.items())
                engine.rows(f"CREATE TEMP VIEW {self.relation} AS SELECT {nothing} WHERE FALSE")
            try:
                yield
            finally:
                engine.rows(f"DROP VIEW {self.relation}")

    def _write(self, connection: duckdb.DuckDBPyConnection, relation: str, folder: Path, now: int) -> int:
        with whole(folder / f"{now:020d}-{secrets.token_hex(4)}.parquet") as partial:
            target = str(partial).replace("'", "''")
            ordered = f"FROM {relation} ORDER BY {self.order}"
            counted = connection.execute(
                f"COPY ({ordered}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            ).fetchone()
        sync(folder)
        assert counted is not None  # COPY tells how many rows it wrote
        return int(counted[0])


@contextmanager
def _open(folder: Path) -> Iterator[None]:
    """Keep files from being deleted, also half-made ones; nothing to do where no row was ever written."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (lock := FileLock.shared_at_once(folder / "lock")) is None and (folder / "lock").exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{folder / 'lock'} stays locked: another process hangs while it joins files")
        time.sleep(0.01)
    try:
        yield
    finally:
        if lock:
            lock.release()


def _small(folder: Path, size: int) -> list[Path]:
    found = []
    for path in sorted(folder.glob("*.parquet")):
        with suppress(FileNotFoundError):  # another process joins them
            if path.stat().st_size < size:
                found.append(path)
    return found


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    # Loaded only now: a collector that learns nothing starts without it, in two thirds of the time.
    import duckdb  # noqa: PLC0415

    # One thread, as the ledger's: the other processor may be receiving.
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()
