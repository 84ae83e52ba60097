"""A disk small enough to be filled: in memory, in a mount namespace that nothing outside sees."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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

    @property
    def _filler(self) -> Path:
        return self.path / "filler"


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount it over a folder; it vanishes with the process that holds its namespace."""
    folder.mkdir()
    mount = f"mount -t tmpfs -o size={megabytes}m tidegauge '{folder}' && echo mounted && exec sleep 600"
    holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", mount], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mounted\n"
        prefix = ("nsenter", f"--mount=/proc/{holder.pid}/ns/mnt")
        yield SmallDisk(folder, Path(f"/proc/{holder.pid}/root{folder}"), prefix)
    finally:
        holder.kill()
        holder.communicate()
