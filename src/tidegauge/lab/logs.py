"""The files that the office's machines leave behind: a syslog, leases, and who was next to the router.

They are what a real office has, and names are read from them by the ordinary ways.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from tidegauge.lab import neighbours
from tidegauge.lab.activity import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tidegauge.lab.journal import Entry

MACHINE = "resolver"
PROCESS = 812
# A connection's look-up lies a little before it, so lines are complete only up to a moment ago.
WRITTEN_AFTER = SECOND


class Logs:
    """Files in ``folder``: ``syslog``, ``dnsmasq.leases``, and a table of ``neighbours`` for each change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.syslog_path = folder / "syslog"
        self.leases_path = folder / "dnsmasq.leases"
        self.tables_path = folder / "neighbours"
        self.tables_path.mkdir(parents=True, exist_ok=True)
        self._syslog = self.syslog_path.open("a")
        self._table: dict[str, str] = {}

    def write(self, entries: Iterable[Entry]) -> None:
        """Put each entry into the file that it belongs to."""
        for entry in entries:
            if entry.program == neighbours.PROGRAM:
                self._keep_table(entry)
            else:
                self._syslog.write(syslog_line(entry))
        self._syslog.flush()

    def keep_leases(self, text: str) -> None:
        """Put the leases of this moment in the place of those before."""
        self.leases_path.write_text(text)

    def _keep_table(self, entry: Entry) -> None:
        """Keep the table of neighbours as of now, with the newest address of each card."""
        self._table[entry.text.split()[neighbours.CARD_WORD]] = entry.text
        path = self.tables_path / f"{entry.moment:020d}"
        path.write_text("\n".join([*self._table.values(), ""]))
        os.utime(path, ns=(entry.moment, entry.moment))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._syslog.close()


def syslog_line(entry: Entry) -> str:
    """Write an entry as rsyslog does (RFC 3339 time, then the tag)."""
    seconds, rest = divmod(entry.moment, SECOND)
    time = f"{_second(seconds)}.{rest // 1000:06d}+00:00"
    return f"{time} {MACHINE} {entry.program}[{PROCESS}]: {entry.text}\n"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
