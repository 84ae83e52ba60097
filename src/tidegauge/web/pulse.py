"""The pulse: what changed in the lake since a moment ago, computed once for all who watch."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.analysis.overview import overview
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.question import Query
from tidegauge.store.segment import TABLES

if TYPE_CHECKING:
    from tidegauge.store.lake import Lake
    from tidegauge.web.reader import Reader

BEAT_SECONDS = 1.0
# A lake that takes long to look at is looked at less often: watching may cost a fifth of one thread.
REST_FACTOR = 4


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the lake. ``files`` tells, for each table, how many files it has and the newest."""

    time: str
    generation: int
    files: dict[str, tuple[int, str]]
    overview: dict[str, Any]

    def changes(self, known: Beat | None) -> dict[str, bool]:
        """By table, whether rows came since the beat a watcher already knows."""
        return {table: known is None or files != known.files[table] for table, files in self.files.items()}


class Pulse:
    """Looks at the lake when somebody asks, at most once per beat however many ask."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = asyncio.Lock()
        self._last: Beat | None = None
        self._rest_until = 0.0

    async def beat(self) -> Beat:
        """The newest look at the lake. Raises LakeError."""
        async with self._lock:
            if self._last is None or time.monotonic() >= self._rest_until:
                began = time.monotonic()
                self._last = await self._reader.read(self._look)
                took = time.monotonic() - began
                self._rest_until = began + max(BEAT_SECONDS * 0.9, took * (1 + REST_FACTOR))
            return self._last

    def _look(self, lake: Lake) -> Beat:
        with lake.generation() as generation:
            number = generation.number
            files = {
                table: _mark([segment.path for segment in generation.segments(table)]) for table in TABLES
            }
        now = self._reader.now()
        return Beat(
            time=text_from_instant(now),
            generation=number,
            files=files,
            overview=overview(lake, Query(), now).data[0],
        )


def _mark(paths: list[str]) -> tuple[int, str]:
    return len(paths), max(paths, default="")
