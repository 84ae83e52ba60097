"""Locks between processes: the kernel keeps them and drops them when the holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Self

from tidegauge.store.durable import make_folder, sync

if TYPE_CHECKING:
    from pathlib import Path


def create_locked_folder(parent: Path, name: str) -> tuple[Path, FileLock]:
    """Make a folder whose ``lock`` file is already held when the folder appears under its name.

    So whoever finds the lock free knows that the folder's owner is dead, and not that it is just being born.
    """
    make_folder(parent)
    hidden = parent / f".{name}"
    while True:
        hidden.mkdir()
        # Not there any more: it was taken for one that will never be born.
        with suppress(FileNotFoundError):
            lock = FileLock.exclusive(hidden / "lock")
            # Without its lock's name nobody could take it over after a power cut.
            sync(hidden)
            folder = hidden.rename(parent / name)
            sync(parent)
            return folder, lock


def remove_unborn(parent: Path) -> None:
    """Remove what was left of folders whose maker was killed before they had their name."""
    for hidden in parent.glob(".*"):
        lock = FileLock.exclusive_at_once(hidden / "lock")
        if lock is None and (hidden / "lock").exists():
            continue  # it is just being born
        with lock or nullcontext():
            shutil.rmtree(hidden, ignore_errors=True)


class FileLock:
    """An advisory lock on a file (flock), held until released or until the process ends.

    Two locks in one process exclude each other just as two processes do.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def exclusive(cls, path: Path) -> Self:
        """Wait until nobody else holds a lock on the file, then hold it. Makes the file if absent."""
        return cls._take(path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX)

    @classmethod
    def exclusive_at_once(cls, path: Path) -> Self | None:
        """Hold the file alone, or return None when somebody else holds it or it does not exist."""
        try:
            return cls._take(path, os.O_RDONLY, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError):
            return None

    @classmethod
    def shared_at_once(cls, path: Path) -> Self | None:
        """Hold the file together with others, or return None when one holds it alone or it does not exist."""
        try:
            return cls._take(path, os.O_RDONLY, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError):
            return None

    @classmethod
    def _take(cls, path: Path, flags: int, operation: int) -> Self:
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, operation)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    @property
    def is_linked(self) -> bool:
        """Whether the locked file still has a name; a lock on a deleted file protects nothing."""
        return os.fstat(self._descriptor).st_nlink > 0

    def read(self) -> bytes:
        """Read the locked file from its beginning."""
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            return file.read()

    def release(self) -> None:
        """Let go; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __del__(self) -> None:
        self.release()
