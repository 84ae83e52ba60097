"""A disk small enough to be filled: in memory, in a mount namespace that nothing outside sees."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SmallDisk:
    """``inside`` is its path for commands that ``prefix`` goes in front of, ``path`` for us."""

    inside: Path
    path: Path
    prefix: tuple[str, ...]

    def fill(self, leaving_bytes: int = 0) -> None:
        """Take the free space but for so much."""
        disk = os.statvfs(self.path)
        with self._filler.open("ab") as file:
            taken = disk.f_bavail * disk.f_frsize - leaving_bytes
            os.posix_fallocate(file.fileno(), file.tell(), taken)

    def free(self) -> None:
        """Give back what ``fill`` took."""
        self._filler.unlink()

    def take_files(self) -> None:
        """Take the room for names: nothing can be made any more, however little there is in it."""
        self._names.mkdir()
        with suppress(OSError):
            for number in itertools.count():
                (self._names / str(number)).touch()

    def give_files(self, count: int) -> None:
        """Give back so much of what ``take_files`` took."""
        for path in list(self._names.iterdir())[:count]:
            path.unlink()

    def make_read_only(self) -> None:
        """Let nothing be opened for writing any more; what is open stays so, as after a disk's error."""
        self._run(f"mount --bind '{self.inside}' '{self.inside}' && mount -o remount,bind,ro '{self.inside}'")

    def make_writable(self) -> None:
        """Take back ``make_read_only``."""
        self._run(f"umount --lazy '{self.inside}'")

    def _run(self, commands: str) -> None:
        subprocess.run([*self.prefix, "sh", "-c", commands], check=True)

    @property
    def _names(self) -> Path:
        return self.path / "names-taken"

    @property
    def _filler(self) -> Path:
        return self.path / "filler"


@contextmanager
def small_disk(folder: Path, megabytes: int, files: int = 0) -> Iterator[SmallDisk]:
    """Mount it over a folder; it vanishes with the process that holds its namespace.

    It has room for so many ``files``, where that is told.
    """
    folder.mkdir()
    options = f"size={megabytes}m,nr_inodes={files}"
    mount = f"mount -t tmpfs -o {options} tidegauge '{folder}' && echo mounted && exec sleep 600"
    holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", mount], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mounted\n"
        prefix = ("nsenter", f"--mount=/proc/{holder.pid}/ns/mnt")
        yield SmallDisk(folder, Path(f"/proc/{holder.pid}/root{folder}"), prefix)
    finally:
        holder.kill()
        holder.communicate()
