"""A load: rows of an import, in the lake all together or not at all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Self

import msgspec

from tidegauge._core import Batch, SegmentWriter
from tidegauge.store.compaction import SegmentName, join_files, merge_levels, place_segment
from tidegauge.store.durable import sync_names
from tidegauge.store.lock import create_locked_folder
from tidegauge.store.rollup import roll_up
from tidegauge.store.segment import TABLES
from tidegauge.store.tail import COMMIT_TABLE
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tidegauge.store.lake import Lake
    from tidegauge.store.manifest import Manifest

# Rows a segment gets before the next begins: enough for Parquet to compress, little enough to hold in memory.
SEGMENT_ROWS = 500_000
MERGE_BUDGET_BYTES = 64 * 1024 * 1024

_log = Log(__name__)


class Load:
    """Collects batches out of readers' sight; ``commit`` shows them, anything else drops them.

    Used as a context manager, leaving it without ``commit`` abandons the load. A load that was killed is
    cleared away by the next writer on the lake.
    """

    def __init__(self, lake: Lake, writer_id: str) -> None:
        self._lake = lake
        self._writer_id = writer_id
        self._folder, self._lock = create_locked_folder(lake.path / "staging", writer_id)
        self._waiting: dict[str, list[Batch]] = {table: [] for table in TABLES}
        self._staged: list[tuple[str, Path, dict[str, int]]] = []

    def append(self, batches: Sequence[Batch]) -> None:
        """Add rows; raises NoSpaceError when the disk is too full to go on."""
        for batch in batches:
            if len(batch):
                self._waiting[batch.table].append(batch)
        for table, waiting in self._waiting.items():
            if sum(map(len, waiting)) >= SEGMENT_ROWS:
                self._stage(table)

    def commit(self, now: int) -> None:
        """Show everything appended to readers, in one generation."""
        for table in TABLES:
            self._stage(table)
        self._join_ledger()
        segments = [
            place_segment(self._lake, path, table, written, SegmentName(self._writer_id, number), now)
            for number, (table, path, written) in enumerate(self._staged)
        ]
        sync_names((self._lake.path / segment.path for segment in segments), self._lake.path)

        def change(newest: Manifest) -> Manifest:
            return msgspec.structs.replace(newest, segments=newest.segments + tuple(segments))

        if segments:
            self._lake.commit(change, now)
        self.abandon()
        self._merge(now)

    def abandon(self) -> None:
        """Drop what was not committed."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def _merge(self, now: int) -> None:
        """Keep the files few: a lake that is only ever imported into has no collector to do it."""
        try:
            merge_levels(self._lake, now, MERGE_BUDGET_BYTES)
            roll_up(self._lake, now, MERGE_BUDGET_BYTES)
        except Exception as error:  # noqa: BLE001 -- the rows are in; a failed import would be run again
            _log.error("merging failed", error)

    def _stage(self, table: str) -> None:
        batches, self._waiting[table] = self._waiting[table], []
        if not batches:
            return
        self._lake.space.require_room()
        path = self._folder / f"{len(self._staged):06d}.{table}.parquet"
        self._staged.append((table, path, SegmentWriter(table).write(batches, str(path))))

    def _join_ledger(self) -> None:
        """Make one ledger file of many, its rows of one minute added up."""
        parts = [path for table, path, _ in self._staged if table == COMMIT_TABLE]
        if parts:
            path = self._folder / f"joined.{COMMIT_TABLE}.parquet"
            rows = [each for each in self._staged if each[0] != COMMIT_TABLE]
            self._staged = [*rows, (COMMIT_TABLE, path, join_files(COMMIT_TABLE, parts, path))]
