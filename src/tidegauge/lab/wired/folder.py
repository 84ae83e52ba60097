"""The folder of the office that is open: logs, certificates, and the lake if nobody wants to keep it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path("/run/tidegauge-office")
"""Only root writes there, and one office is open at a time: what a killed one has left lies here as well."""


@contextmanager
def office_folder(folder: Path = FOLDER) -> Iterator[Path]:
    """Make the folder anew, and remove it at the end. Whoever calls this has made sure to be the only one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
