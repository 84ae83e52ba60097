"""Tails: what a writer received since its last compaction, one small set of files for each drain.

A set is a file for each table that has rows, all with one number. The ledger's is written last and its
presence commits the set, so a set cut short by a kill or a power cut is never seen: each file is on the disk
before it gets its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.store.lock import FileLock, create_locked_folder
from tidegauge.store.segment import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

COMMIT_TABLE = "ledger"
_NAME = re.compile(r"^(\d{12})\.(\w+)\.parquet$")


class TailSet(NamedTuple):
    """One committed drain of one writer: the file of each table that had rows."""

    sequence: int
    paths: dict[str, Path]


class Tail:
    """The folder of one writer. Its ``lock`` is held while the writer lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[Path, dict[str, int]] = {}

    @property
    def writer_id(self) -> str:
        """Name of the writer the tail belongs to."""
        return self.folder.name

    @property
    def lock_path(self) -> Path:
        """The file whose lock says that the writer lives."""
        return self.folder / "lock"

    @property
    def counters_path(self) -> Path:
        """The file the writer's receiver keeps its totals in."""
        return self.folder / "counters.map"

    @classmethod
    def create(cls, tails: Path, writer_id: str) -> tuple[Tail, FileLock]:
        """Make a new writer's folder, already locked when it appears under its name."""
        folder, lock = create_locked_folder(tails, writer_id)
        return cls(folder), lock

    def path(self, sequence: int, table: str) -> Path:
        """Path of one file of a set."""
        return self.folder / f"{sequence:012d}.{table}.parquet"

    def note(self, path: Path, written: dict[str, int]) -> None:
        """Remember what ``SegmentWriter`` told of a file, for as long as this object lives."""
        self._written[path] = written

    def written(self, path: Path) -> dict[str, int]:
        """What was noted of a file; nothing for one that another process wrote."""
        return self._written.get(path, {})

    def forget(self, sets: Iterable[TailSet]) -> None:
        """Drop the notes on sets that are absorbed."""
        for found in sets:
            for path in found.paths.values():
                self._written.pop(path, None)

    def sets_after(self, absorbed: int) -> list[TailSet]:
        """Committed sets numbered above ``absorbed``, in order."""
        sequences = sorted(
            sequence for sequence, table, _ in self._files() if table == COMMIT_TABLE and sequence > absorbed
        )
        return [TailSet(sequence, self._existing(sequence)) for sequence in sequences]

    def sequence_after(self, absorbed: int) -> int:
        """A set number above every file there is, whole sets or not, and above what was absorbed."""
        return max([absorbed, *(number for number, _, _ in self._files())]) + 1

    def files_through(self, sequence: int) -> list[Path]:
        """Every file of the sets up to a number, whole sets or not."""
        return [path for number, _, path in self._files() if number <= sequence]

    def _existing(self, sequence: int) -> dict[str, Path]:
        # Asked for by name: a listing may show the ledger that came during it and miss the flows before it.
        paths = {table: self.path(sequence, table) for table in TABLES}
        return {table: path for table, path in paths.items() if path.exists()}

    def _files(self) -> Iterator[tuple[int, str, Path]]:
        try:
            paths = list(self.folder.iterdir())
        except FileNotFoundError:
            return
        for path in paths:
            if match := _NAME.match(path.name):
                yield int(match[1]), match[2], path


def tails_in(folder: Path) -> list[Tail]:
    """The tails of all writers, living and dead."""
    try:
        return [Tail(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    except FileNotFoundError:
        return []
