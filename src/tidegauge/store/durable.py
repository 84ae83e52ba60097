"""Files that are whole or absent, also after the power failed."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PARTIAL = ".partial"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path to write to; complete and on the disk, the file moves to ``path``, else it vanishes."""
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        yield partial
        sync(partial)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that any reader finds all of it or none of it, then make it survive a power cut."""
    with whole(path) as partial:
        partial.write_bytes(content)
    sync(path.parent)


def make_folder(path: Path, *, parents: bool = False) -> None:
    """Make a folder with a name that survives a power cut, and with ``parents`` those above it.

    One that is there stays. Without ``parents`` raises FileNotFoundError where the one above is not: a lake
    that is gone must not come back as an empty one.
    """
    if path.is_dir():
        return
    if parents:
        make_folder(path.parent, parents=True)
    path.mkdir(exist_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Force a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_names(paths: Iterable[Path], top: Path) -> None:
    """Force the names of new files to the disk, and those of the folders made for them below ``top``."""
    folders = {folder for path in paths for folder in path.parents if folder == top or top in folder.parents}
    for folder in sorted(folders):
        sync(folder)
