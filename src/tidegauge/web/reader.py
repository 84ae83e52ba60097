"""The reader: asks the lake from worker threads, so that the server keeps talking meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import anyio
import anyio.to_thread

from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake
from tidegauge.store.moment import Moment
from tidegauge.store.segment import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.moment import Place

Result = TypeVar("Result")

# As many as a page asks at once, or nearly: those that wait for the same names keep no other from its turn.
CONCURRENT_QUERIES = 8

STOP_SECONDS, STOP_STEP_SECONDS = 10.0, 0.02

MOMENT_SECONDS = 2.0
"""Who asks while others wait asks together with them, if they began no longer ago."""

CALM_SECONDS = 5.0
"""Who looks ahead waits so long for those who ask: somebody always might."""

COMING_SECONDS = 1.0
"""A page that was fetched asks within that; a browser needs the processor until then."""


class _Ready(NamedTuple):
    """A moment that stays, whose generation is held by a ``place``, and when it began."""

    moment: Moment
    place: Place
    began: float


class Reader:
    """One lake, asked by at most ``CONCURRENT_QUERIES`` threads at a time.

    The lake is opened for each question: it may be created, or replaced by a newer generation, at any moment.
    What the questions have in common is kept between them.
    """

    def __init__(self, lake_path: Path, clock: Callable[[], int] = time.time_ns) -> None:
        self._lake_path = lake_path
        self._clock = clock
        self._stock = Stock()
        self._last: Moment | None = None
        self._began = 0.0
        self._ready: _Ready | None = None
        self._beginnings = 0
        self._asked = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._was_asked = asyncio.Event()
        self._limit = anyio.CapacityLimiter(CONCURRENT_QUERIES)
        self._lock = Lock()  # guards what follows
        self._running = 0
        self._is_stopped = False

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
        return await self.look_now(lambda lake, now: question(lake, query, now))

    async def look_now(self, look: Callable[[Lake, int], Result]) -> Result:
        """Run ``look`` as ``read`` does, at one moment with whoever else asks just now."""
        return await self._look_at(self._moment(), look)

    async def look_within(self, look: Callable[[Lake, int], Result], most_age: float) -> tuple[Result, float]:
        """Run ``look`` at the moment that stands ready, if it is younger than ``most_age``, else now.

        How many seconds old what it gives is stands beside it.
        """
        ready, now = self._ready, time.monotonic()
        if ready is None or now - ready.began >= most_age:
            return await self.look_now(look), 0.0
        return await self._look_at(ready.moment, look), now - ready.began

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer somebody, while those wait who look ahead."""
        self._was_asked.set()
        self._begin()
        try:
            yield
        finally:
            self._end()

    def await_questions(self) -> None:
        """Have those wait who look ahead: somebody fetched a page, which is about to ask."""
        self._begin()
        asyncio.get_running_loop().call_later(COMING_SECONDS, self._end)

    async def asked_within(self, seconds: float) -> None:
        """Wait until somebody asked what has to be looked up, ever, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._was_asked.wait()

    def _begin(self) -> None:
        self._asked += 1
        self._calm.clear()

    def _end(self) -> None:
        self._asked -= 1
        if not self._asked:
            self._calm.set()

    async def calm(self) -> None:
        """Wait until nobody waits for an answer, or for a while: two who compute at once are both slower."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CALM_SECONDS):
                await self._calm.wait()

    async def stand_ready(self, *looks: Callable[[Lake, int], object]) -> None:
        """Run ``looks`` at a new moment, which from then on stands ready in the place of the one before.

        Where there is none before, it does so at once: who asks then finds half of it done, not begun twice.
        If one fails none does. Between them it is calm.
        """
        moment, began, beginnings = Moment(self._lake_path, self.now()), time.monotonic(), self._beginnings
        ready = _Ready(moment, moment.join(), began)
        ready.place.take()
        is_first = not self.is_ready
        if is_first:
            self._stand(ready)
        try:
            for look in looks:
                await self.calm()
                await self._look_at(moment, look)
        except BaseException:
            if not is_first:
                ready.place.done()
            self._stand(None)
            raise
        if beginnings == self._beginnings:
            self._stand(ready)
        elif not is_first:
            ready.place.done()

    @property
    def is_ready(self) -> bool:
        """Whether a moment stands ready."""
        return self._ready is not None

    async def _look_at(self, moment: Moment, look: Callable[[Lake, int], Result]) -> Result:
        place = moment.join()

        def looked(lake: Lake) -> Result:
            if not place.take():
                raise RuntimeError("nobody waits for this answer")
            try:
                lake.moment = moment
                return lake.around_damage(lambda: look(lake, moment.now))
            finally:
                place.done()

        try:
            return await self.read(looked)
        finally:
            place.give_up()

    async def read(self, look: Callable[[Lake], Result]) -> Result:
        """Run ``look`` on the opened lake in a worker thread."""
        # Abandoned when the client goes away: others may need what it makes.
        return await anyio.to_thread.run_sync(
            lambda: self._looked(look), limiter=self._limit, abandon_on_cancel=True
        )

    async def stop(self) -> None:
        """End what still runs, once nobody waits for it: Python must not end below a thread of a database."""
        with self._lock:
            self._is_stopped = True  # a thread may have been given a question, and not have begun
        self._stand(None)
        deadline = time.monotonic() + STOP_SECONDS
        while self._running and time.monotonic() < deadline:
            self._stock.interrupt()
            await anyio.sleep(STOP_STEP_SECONDS)

    def _looked(self, look: Callable[[Lake], Result]) -> Result:
        with self._lock:
            if self._is_stopped:
                raise RuntimeError("the server stops; nobody waits for this answer")
            self._running += 1
        try:
            return look(Lake.open(self._lake_path, self._stock))
        finally:
            with self._lock:
                self._running -= 1

    def begin_anew(self) -> None:
        """Let those who ask from now on see what was written until now, whoever is still asking."""
        self._last = None
        self._beginnings += 1
        self._stand(None)

    def _stand(self, ready: _Ready | None) -> None:
        """Let a moment stand ready, or none, and go the one that did."""
        former, self._ready = self._ready, ready
        if former and former is not ready:
            former.place.done()

    def _moment(self) -> Moment:
        """The moment of those who are asking, unless it began a while ago."""
        now, began = self.now(), time.monotonic()
        if self._last is None or self._last.is_over or began - self._began >= MOMENT_SECONDS:
            self._last, self._began = Moment(self._lake_path, now), began
        return self._last
