"""The journal: what the office's machines write down about themselves, line by line and by time."""

from __future__ import annotations

import heapq
from itertools import count
from typing import NamedTuple


class Entry(NamedTuple):
    """One line: when it was written, in nanoseconds since 1970, by which program, and what it says."""

    moment: int
    serial: int
    program: str
    text: str


class Journal:
    """Hands out entries by time, each once. A renewal is known long before it happens, so some wait."""

    def __init__(self) -> None:
        self._pending: list[Entry] = []
        self._serial = count()

    def note(self, moment: int, program: str, text: str) -> None:
        """Have ``program`` write ``text`` down at ``moment``; lines of one moment stay in order."""
        heapq.heappush(self._pending, Entry(moment, next(self._serial), program, text))

    def entries_until(self, moment: int) -> list[Entry]:
        """Return what was written down up to ``moment`` and not handed out before."""
        due = []
        while self._pending and self._pending[0].moment <= moment:
            due.append(heapq.heappop(self._pending))
        return due
