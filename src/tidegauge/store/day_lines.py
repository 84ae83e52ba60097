"""Lines of text in a folder of the lake, a file for each day and writer.

Text, as they come one by one: a Parquet file for each would cost more than it is worth. A line that a crash
tore is for the reader to pass over.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAY_NANOSECONDS = 86_400 * NANOSECONDS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DayLines:
    """Appends lines to a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._token = secrets.token_hex(4)

    def append(self, at: int, line: bytes) -> None:
        """Write one line of a moment; raises OSError where the disk does not take it."""
        self._folder.mkdir(exist_ok=True)
        with (self._folder / f"{_day_text(at)}-{self._token}.ndjson").open("ab") as file:
            file.write(line + b"\n")


def lines_of_days(folder: Path, since: int, until: int) -> Iterator[bytes]:
    """The lines of the days that a range touches."""
    first, last = _day_text(since), _day_text(until)
    for path in folder.glob("*.ndjson"):
        if first <= path.name[: len(first)] <= last:
            yield from path.read_bytes().splitlines()


def day_files(folder: Path) -> frozenset[tuple[str, int]]:
    """Names and sizes of the files, which only grow: equal where nothing was added."""
    return frozenset((path.name, path.stat().st_size) for path in folder.glob("*.ndjson"))


def _day_text(instant: int) -> str:
    return f"{_EPOCH + timedelta(days=instant // _DAY_NANOSECONDS):%Y-%m-%d}"
