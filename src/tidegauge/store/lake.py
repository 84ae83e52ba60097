"""The lake: the folder that holds everything received."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from tidegauge.store.durable import make_folder, write_whole
from tidegauge.store.errors import LakeError, LakeFormatError, LakeMissingError, SegmentUnreadableError
from tidegauge.store.generation import Generation
from tidegauge.store.lock import FileLock
from tidegauge.store.manifest import Manifest, Retention, read_newest, write_manifest
from tidegauge.store.space import SpaceGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from tidegauge.store.engines.stock import Stock
    from tidegauge.store.moment import Moment

Result = TypeVar("Result")

FORMAT = 4
ANSWERS = "answers.msgpack"
"""The file of what a server told its pages last. It goes with the first flows that it may be made of."""


class _Identity(msgspec.Struct):
    """``lake.json``: says that the folder is a lake, and which layout it has."""

    format: int


class Lake:
    """A folder of Parquet files under a generation manifest.

    Any number of processes may read and write it at once; opening it costs two small files.
    ``clickhouse`` is where its flows, options, sightings and ledger are asked for instead, empty for its own
    files.
    """

    def __init__(self, path: Path, clickhouse: str = "") -> None:
        self.path = path.absolute()
        self.clickhouse = clickhouse
        self.stock: Stock | None = None
        """What is kept between questions, by a process that answers many."""
        self.faults: dict[str, str] = {}
        """What is wrong with files that a question stumbled over, by absolute path."""
        self.moment: Moment | None = None
        """The moment a question is asked at, together with others."""
        self.has_rollups = True
        """Whether questions are answered from rollups; else each looks at all flows, for the same answer."""
        self.space = SpaceGuard(self.path)
        self.retention: Retention | None = None
        """What its upkeep is to keep; None is what the lake was told before."""

    @classmethod
    def open(cls, path: Path, stock: Stock | None = None, clickhouse: str = "") -> Self:
        """Open an existing lake, whose questions share a ``stock`` with others.

        Raises LakeMissingError where there is none, LakeFormatError where another release wrote it.
        """
        lake = cls(path, clickhouse)
        if stock is not None:
            lake.stock, lake.faults = stock, stock.faults
        try:
            identity = msgspec.json.decode((lake.path / "lake.json").read_bytes(), type=_Identity)
        except (FileNotFoundError, NotADirectoryError):
            raise LakeMissingError(
                f"there is no lake at {lake.path}; `tidegauge collect` or `tidegauge import` makes one,"
                " --lake or TIDEGAUGE_LAKE names another"
            ) from None
        except (msgspec.DecodeError, OSError) as error:
            raise LakeError(f"{lake.path / 'lake.json'} cannot be read: {error}") from error
        if identity.format != FORMAT:
            raise LakeFormatError(
                f"the lake at {lake.path} has format {identity.format} and this release reads format"
                f" {FORMAT}; use the release that wrote it, or a newer one"
            )
        return lake

    @classmethod
    def create(cls, path: Path) -> Self:
        """Open the lake at a path, and make it first where nothing is there yet.

        Raises LakeError for a folder that holds something else.
        """
        lake = cls(path)
        try:
            make_folder(lake.path, parents=True)
            if not (lake.path / "lake.json").exists():
                lake._lay_out()
        except OSError as error:
            raise LakeError(f"no lake can be made at {lake.path}: {error.strerror}") from error
        return cls.open(path)

    def generation(self) -> Generation:
        """Freeze the lake as it is now, for reading, without the files that are known to be damaged."""
        generation = self.moment.generation() if self.moment else Generation.newest(self.path)
        generation.leave_out(self.faults)
        return generation

    def around_damage(self, ask: Callable[[], Result]) -> Result:
        """What ``ask`` gives; where a file cannot be read, what it gives without the damaged ones."""
        try:
            return ask()
        except SegmentUnreadableError:
            from tidegauge.store.damage import set_aside_sums  # noqa: PLC0415 (seldom)
            from tidegauge.store.examination import find_faults  # noqa: PLC0415 (a database)

            with self.generation() as generation:
                found = find_faults(generation)
                if not found:
                    raise
                generation.leave_out(found)
                self.faults.update(found)
                for path in set_aside_sums(self.path, generation.lost_sums):
                    self.faults.pop(path, None)  # what takes its place is another file
            return ask()

    def recall(self, what: str, key: Hashable, now: int, make: Callable[[], Result]) -> Result:
        """What ``make`` gives, or gave a short while ago, where this process answers many questions.

        Who asks at one moment is told the same.
        """
        if self.stock is None:
            return make()
        recall = partial(self.stock.recall, what, key, now, make)
        return self.moment.estimate((what, key), recall) if self.moment else recall()

    def manifest(self) -> Manifest:
        """The newest manifest, without holding on to its files."""
        manifest, lease = read_newest(self.path / "generations")
        lease.release()
        return manifest

    def commit(self, change: Callable[[Manifest], Manifest | None], now: int) -> Manifest | None:
        """Make the next generation out of the newest one.

        ``change`` runs while no other process can commit, so it should only decide; it returns None when
        the newest generation no longer fits what was prepared, and then nothing happens.
        """
        with FileLock.exclusive(self.path / "lake.lock"):
            newest = self.manifest()
            changed = change(newest)
            if changed is None:
                return None
            following = msgspec.structs.replace(
                changed,
                generation=newest.generation + 1,
                written=now,
                absorbed={writer: n for writer, n in changed.absorbed.items() if self._has_tail(writer)},
            )
            write_manifest(self.path / "generations", following)
            return following

    def rewrite(self, name: str, change: Callable[[str], str]) -> None:
        """Change a text of the lake that people read and write as well; one not there yet is empty.

        Programs that do so at once wait for each other, and a reader finds the old text or the new one.
        Raises LakeError where it cannot be written.
        """
        path = self.path / name
        try:
            with FileLock.exclusive(self.path / "lake.lock"):
                before = path.read_text("utf-8") if path.exists() else ""
                write_whole(path, change(before).encode())
        except OSError as error:
            raise LakeError(f"{path} cannot be written: {error.strerror}") from error

    def _has_tail(self, writer_id: str) -> bool:
        return (self.path / "tail" / writer_id).exists()

    def _lay_out(self) -> None:
        strangers = {found.name for found in self.path.iterdir()} - {"lake.lock", "generations"}
        if strangers and not any("lake.json" in name for name in strangers):
            raise LakeError(
                f"{self.path} holds other files and is no lake; name an empty or a new folder with --lake"
            )
        with FileLock.exclusive(self.path / "lake.lock"):
            if (self.path / "lake.json").exists():
                return  # another process was faster
            make_folder(self.path / "generations")
            write_manifest(self.path / "generations", Manifest())
            # Last: its presence says that the lake is complete.
            write_whole(self.path / "lake.json", msgspec.json.encode(_Identity(format=FORMAT)))
