"""The writer: what a collector appends to, one drain at a time."""

from __future__ import annotations

import secrets
import shutil
from collections import defaultdict
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tidegauge._core import Batch, SegmentWriter
from tidegauge.store.absorption import absorb
from tidegauge.store.compaction import merge_levels
from tidegauge.store.damage import set_aside_torn
from tidegauge.store.durable import sync, whole
from tidegauge.store.errors import LakeMissingError, NoSpaceError
from tidegauge.store.ledger_file import write_refused
from tidegauge.store.recovery import recover, settle_counters
from tidegauge.store.retention import apply_retention
from tidegauge.store.rollup import roll_up
from tidegauge.store.segment import TABLES
from tidegauge.store.sweep import sweep
from tidegauge.store.tail import COMMIT_TABLE, Tail
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tidegauge.store.lake import Lake

# What one compaction may rewrite: a minute's worth of work at a fraction of one processor.
MERGE_BUDGET_BYTES = 1024 * 1024 * 1024
# Rows of the ledger that wait for a disk that takes nothing; what is beyond is told when the writer ends.
MAXIMUM_OWED_ROWS = 1 << 16

_log = Log(__name__)


class Appended(NamedTuple):
    """What became of the flow rows of one drain."""

    stored: int
    lost: int


def new_writer_id(role: str) -> str:
    """Name a writer of this lake so that none before or after it has the same name."""
    return f"{role}-{secrets.token_hex(4)}"


class LakeWriter:
    """Appends to a tail of its own, and compacts it.

    ``append`` belongs to one thread and ``compact`` to one other; the two never wait for each other.
    ``close`` comes after both.
    """

    def __init__(self, lake: Lake, writer_id: str) -> None:
        self._lake = lake
        self._tail, self._lock = Tail.create(lake.path / "tail", writer_id)
        self._sequence = 0
        self._is_refusing = False
        # Flow records that the ledger accounts for; unknown once a drain was not committed.
        self._appended: int | None = 0
        # The ledger of drains that could not be committed at all.
        self._owed: list[Batch] = []
        # Whether sets were torn after they were written.
        self._has_torn = False

    @property
    def writer_id(self) -> str:
        """Name of this writer, unique in the lake; its ledger rows carry it."""
        return self._tail.writer_id

    @property
    def counters_path(self) -> Path:
        """Where this writer's receiver is to keep its totals, so that they outlive it."""
        return self._tail.counters_path

    @property
    def is_refusing(self) -> bool:
        """Whether the last drain's flows were refused for want of space."""
        return self._is_refusing

    def append(self, batches: Sequence[Batch]) -> Appended:
        """Store one drain as one set; readers see all of it or nothing.

        On a full disk the flows are given up and only the ledger is written, with them as ``lost_write``;
        the next drain tries again. Where not even the ledger can be written it is kept, and written once that
        is possible; what is too much to keep, the counters map tells when the writer ends.
        """
        by_table: dict[str, list[Batch]] = defaultdict(list)
        for batch in batches:
            by_table[batch.table].append(batch)
        rows = sum(len(batch) for batch in by_table["flows"])
        if not any(map(len, batches)):
            return Appended(0, 0)
        self._sequence += 1
        before, self._appended = self._appended, None
        are_rows_stored = self._write_rows(by_table)
        try:
            self._write_ledger(by_table[COMMIT_TABLE], are_rows_stored=are_rows_stored)
        except OSError as error:
            self._owe(by_table[COMMIT_TABLE], error)
            return Appended(stored=0, lost=rows)
        self._appended = before if before is None else before + rows
        if self._owed:
            self._tell_owed()
        return Appended(stored=rows, lost=0) if are_rows_stored else Appended(stored=0, lost=rows)

    def compact(self, now: int) -> None:
        """Absorb the tail, settle dead writers, remove what is old, merge and roll up what is due, sweep.

        A step that fails keeps none of the others from its work; raises ExceptionGroup of what failed.
        """
        keep_size = partial(self._keep_size, now)
        steps = (
            partial(self._absorb, now),
            partial(recover, self._lake, now),
            # Before merging: what is to go need not be joined first.
            partial(apply_retention, self._lake, now),
            partial(merge_levels, self._lake, now, MERGE_BUDGET_BYTES, keep_size),
            partial(roll_up, self._lake, now, MERGE_BUDGET_BYTES, keep_size),
            partial(sweep, self._lake, now),
        )
        failures: list[Exception] = []
        for step in steps:
            try:
                step()
            except Exception as error:  # noqa: BLE001 -- raised below, after the other steps had their turn
                failures.append(error)
        if failures:
            raise ExceptionGroup("compaction is incomplete", failures)

    def close(self, now: int, received: int | None = None) -> None:
        """Absorb what is left of the tail and settle the counters; the writer is over.

        ``received`` is how many flow records the receiver counted. Where each of them was appended, and no
        append failed, the ledger already says all that the counters map does, and nobody has to add it up.

        Raises LakeMissingError where the lake was taken away, and OSError where it takes nothing.
        """
        try:
            self._absorb(now)
            if received != self._appended or self._has_torn:
                settle_counters(self._lake, self._tail, now)
            self._tail.counters_path.unlink(missing_ok=True)
        except FileNotFoundError as error:
            if self._lake.path.exists():
                raise
            raise LakeMissingError(
                f"the lake at {self._lake.path} is gone; its files tell what was lost once they are back"
            ) from error
        finally:
            self._lock.release()

    def abandon(self) -> None:
        """Vanish without having written anything, because what was to be written never began."""
        shutil.rmtree(self._tail.folder)
        self._lock.release()

    def _keep_size(self, now: int) -> None:
        """While much is joined rows go on coming: neither the tail nor the lake is to grow for that."""
        self._absorb(now)
        if apply_retention(self._lake, now):
            sweep(self._lake, now)

    def _absorb(self, now: int) -> None:
        try:
            absorb(self._lake, self._tail, now)
        except OSError:
            if not set_aside_torn(self._lake.path, self._tail):
                raise
            self._has_torn = True
            absorb(self._lake, self._tail, now)

    def _write_rows(self, by_table: dict[str, list[Batch]]) -> bool:
        """Write flows and options; False, and nothing left behind, when the disk has no room for them."""
        tables = [table for table in TABLES if table != COMMIT_TABLE and by_table[table]]
        try:
            self._lake.space.require_room()
            for table in tables:
                path = self._path(table)
                self._tail.note(path, SegmentWriter(table).write(by_table[table], str(path)))
            if tables:
                # Before the ledger's: a name that outlives a power cut must not count rows that did not.
                sync(self._tail.folder)
        except (NoSpaceError, OSError) as error:
            for table in tables:
                with suppress(OSError):  # it commits nothing, and goes with the tail
                    self._path(table).unlink(missing_ok=True)
            self._refuse(error)
            return False
        if self._is_refusing:
            _log.info("flows are stored again")
        self._is_refusing = False
        return True

    def _refuse(self, reason: Exception) -> None:
        if not self._is_refusing:
            _log.error("flows are refused and counted as lost", reason=reason)
        self._is_refusing = True

    def _owe(self, batches: Sequence[Batch], reason: OSError) -> None:
        self._refuse(reason)
        if sum(map(len, self._owed)) < MAXIMUM_OWED_ROWS:
            self._owed += batches

    def _tell_owed(self) -> None:
        """Write down what drains were that could not be committed: their flows are lost."""
        self._sequence += 1
        try:
            write_refused(self._owed, self._path(COMMIT_TABLE))
        except OSError as error:
            self._refuse(error)
        else:
            self._owed = []

    def _write_ledger(self, batches: Sequence[Batch], *, are_rows_stored: bool) -> None:
        path = self._path(COMMIT_TABLE)
        if are_rows_stored:
            with whole(path) as partial:
                # Also without rows: the set needs its commit, even with nothing to count.
                self._tail.note(path, SegmentWriter(COMMIT_TABLE).write(batches, str(partial)))
            sync(self._tail.folder)
        elif batches:
            write_refused(batches, path)

    def _path(self, table: str) -> Path:
        return self._tail.path(self._sequence, table)
