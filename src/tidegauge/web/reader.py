"""The reader: asks the lake from worker threads, so that the server keeps talking meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake
from tidegauge.store.segment import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query

Result = TypeVar("Result")

# A query uses every core by itself, so more at once only make each other late.
CONCURRENT_QUERIES = 4


class Reader:
    """One lake, asked by at most ``CONCURRENT_QUERIES`` threads at a time.

    The lake is opened for each question: it may be created, or replaced by a newer generation, at any moment.
    What the questions have in common is kept between them.
    """

    def __init__(self, lake_path: Path, clock: Callable[[], int] = time.time_ns) -> None:
        self._lake_path = lake_path
        self._clock = clock
        self._stock = Stock()
        self._limit = anyio.CapacityLimiter(CONCURRENT_QUERIES)

    @property
    def lake_path(self) -> Path:
        """The folder that is read."""
        return self._lake_path

    def now(self) -> int:
        """Nanoseconds since 1970 at the last whole second, by the clock this server was given.

        Questions asked together are then about the same range of time, and share what they need.
        """
        return self._clock() // NANOSECONDS * NANOSECONDS

    async def ask(self, question: Callable[[Lake, Query, int], Answer], query: Query) -> Answer:
        """Answer a question as of now."""
        return await self.read(lambda lake: question(lake, query, self.now()))

    async def read(self, look: Callable[[Lake], Result]) -> Result:
        """Run ``look`` on the opened lake in a worker thread."""
        # Abandoned when the client goes away or the server stops: nothing here can interrupt a query.
        return await anyio.to_thread.run_sync(
            lambda: look(Lake.open(self._lake_path, self._stock)), limiter=self._limit, abandon_on_cancel=True
        )
