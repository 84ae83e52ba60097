"""The guard against a full disk: writing stops while a reserve is still left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tidegauge.store.errors import NoSpaceError

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_RESERVE_BYTES = 256 * 1024 * 1024
RESERVE_FILES = 1000
"""A disk can run out of files before it runs out of bytes; where it cannot, it tells of none at all."""


class SpaceGuard:
    """Keeps ``reserve_bytes`` of the lake's disk free.

    The reserve is not idle: the ledger, the manifests and the logs of the machine live on it while flows are
    refused, so that what was lost is still counted and the machine stays usable.
    """

    def __init__(self, path: Path, reserve_bytes: int = DEFAULT_RESERVE_BYTES) -> None:
        self._path = path
        self.reserve_bytes = reserve_bytes

    def free_bytes(self) -> int:
        """Bytes an ordinary user can still write on the lake's disk."""
        disk = os.statvfs(self._path)
        return disk.f_bavail * disk.f_frsize

    def has_room(self, wanted_bytes: int = 0) -> bool:
        """Whether writing that much leaves the reserve whole."""
        return self.free_bytes() - wanted_bytes >= self.reserve_bytes and self._has_files()

    def require_room(self, wanted_bytes: int = 0) -> None:
        """Raise NoSpaceError unless writing that much leaves the reserve whole."""
        if not self._has_files():
            left = os.statvfs(self._path).f_favail
            raise NoSpaceError(
                f"the disk of {self._path} has room for {left:,} more files and {RESERVE_FILES:,} are kept in"
                " reserve; delete some, or put the lake elsewhere with --lake"
            )
        if not self.has_room(wanted_bytes):
            raise NoSpaceError(
                f"the disk of {self._path} has {self.free_bytes():,} bytes free and {self.reserve_bytes:,}"
                " are kept in reserve; free some space, or put the lake elsewhere with --lake"
            )

    def _has_files(self) -> bool:
        disk = os.statvfs(self._path)
        return disk.f_files == 0 or disk.f_favail >= RESERVE_FILES
