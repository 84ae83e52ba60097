"""Foresight: what pages are about to ask for, looked up before they do.

A page's questions share most of their work: who held which address, which flows were seen twice, what the
detectors find. Whoever opens a page has a moment before it can ask, while the browser reads it; findings
serve for a while, so that they can be there before anybody comes; and so can the answers of pages that
somebody looked at today.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import anyio.to_thread

from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.clocks import clocks
from tidegauge.analysis.preparation import prepare
from tidegauge.clock.timerange import range_from_words
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.store.engines.stock import RECALLED_FOR
from tidegauge.store.errors import LakeError
from tidegauge.web.kept_answers import WANTED_SECONDS
from tidegauge.web.opening import SINCE, UNTIL, WEEK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

    from tidegauge.store.lake import Lake
    from tidegauge.web.kept_answers import Asked, KeptAnswers
    from tidegauge.web.reader import Reader

Result = TypeVar("Result")

_STANDING = frozenset({(SINCE, UNTIL), (WEEK, UNTIL)})
"""Ranges that are prepared for each moment that stands ready."""

MOST_EXPECTED = 2
SHORTEST_REST_SECONDS, LONGEST_READY_SECONDS = 5.0, 300.0

CONTENT_SECONDS = 2.0
"""With answers of before a server waits so long for its first visitor, whose browser needs the processor."""


class _Expected(NamedTuple):
    """A range that a page will ask about, and whether it will ask what the detectors found there."""

    since: str
    until: str
    shows_findings: bool

    def look(self, lake: Lake, now: int) -> None:
        """Make what its questions share, and what takes longest."""
        prepare(lake, Query(since=self.since, until=self.until), now)
        if self.shows_findings:
            until = None if self.until == UNTIL else self.until
            alerts(lake, Query(since=self.since, until=until), now)


class Foresight:
    """Looks ahead for one reader, at one range at a time, while it is ``at_work``.

    ``opening`` is what pages ask when they open: answered before anybody opens one.
    """

    def __init__(self, reader: Reader, answers: KeptAnswers, opening: Sequence[Asked] = ()) -> None:
        self._reader = reader
        self._answers = answers
        self._opening = opening
        self._expected = asyncio.Queue[_Expected](MOST_EXPECTED)
        self._has_begun = asyncio.Event()
        self._is_content = False

    def await_questions(self) -> None:
        """Leave the processor to a browser that fetched a page, until it asks. Returns at once."""
        self._reader.await_questions()

    def expect(self, since: str, until: str, *, shows_findings: bool = False, name: str = "") -> None:
        """Begin with what a page will ask about a range, unless much is expected. Returns at once.

        A page that ``shows_findings`` waits longest for these; one may be about a ``name``. Where a moment
        stands ready, all is asked at that one, and is there already for the ranges that pages open with.
        Of what was answered before the page is told that, and its browser has the processor meanwhile.
        """
        if self._answers.tell_of(since, until, name):
            return
        if self._reader.is_ready and (since, until) in _STANDING:
            return
        with suppress(asyncio.QueueFull):
            self._expected.put_nowait(_Expected(since, until, shows_findings))

    @asynccontextmanager
    async def at_work(self, *, watches: bool) -> AsyncIterator[None]:
        """Look at what is expected; who ``watches`` has findings and the answers of pages at hand as well."""
        if watches:
            self._answers.read(time.monotonic(), self._reader.now())
            self._is_content = bool(self._answers.wanted(time.monotonic()))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._meet())]
            if watches:
                works = self._stand_ready(), self._begin_with_clocks(), self._watch(), self._renew()
                tasks += map(group.create_task, works)
            yield
            for task in tasks:
                task.cancel()
        if watches:
            await self._write()

    async def _meet(self) -> None:
        while True:
            expected = await self._expected.get()
            with suppress(LakeError, QuestionError):
                await self._reader.look_within(expected.look, WANTED_SECONDS)

    async def _stand_ready(self) -> None:
        """Prepare a new moment: for a fiftieth of a processor, unless the last would get too old."""
        await self._begin()
        while True:
            began = time.monotonic()
            with suppress(LakeError, QuestionError):
                await self._reader.stand_ready(_prepared_day, _findings, _clocks, _prepared_week)
            self._has_begun.set()
            await self._rest(began, LONGEST_READY_SECONDS)

    async def _begin(self) -> None:
        """Wait for the first question that the answers of before do not answer, where there are any."""
        if self._is_content:
            await self._reader.asked_within(CONTENT_SECONDS)
            await self._reader.calm()

    async def _begin_with_clocks(self) -> None:
        """Follow the clocks while the first moment is prepared: that is Python, most of the other is not."""
        await self._begin()
        with suppress(LakeError):
            await self._reader.look_within(_clocks, WANTED_SECONDS)

    async def _watch(self) -> None:
        """Search as often as what was found may be told again: for a fiftieth of a processor."""
        await self._has_begun.wait()
        while True:
            began = time.monotonic()
            await self._ask(lambda lake, now: alerts(lake, Query(since=SINCE), now))
            await self._rest(began)

    async def _renew(self) -> None:
        """Ask again what pages asked, one question after the other: for a fiftieth of a processor."""
        await self._has_begun.wait()
        while True:
            began, state = time.monotonic(), self._answers.state
            wanted = dict.fromkeys([*self._answers.wanted(began), *self._opening])
            contents = await self._ask(partial(_answers, wanted)) if wanted else None
            for asked, content in (contents or {}).items():
                self._answers.keep(asked, content, began, state)
            await self._write()
            await self._rest(began)

    async def _write(self) -> None:
        """Write down what was answered, for a process that begins when this one ends."""
        state, write = self._answers.state, self._answers.to_write(time.monotonic(), self._reader.now())
        if write is None:
            return
        await anyio.to_thread.run_sync(write)
        if state != self._answers.state:
            self._answers.remove_written()  # meanwhile somebody changed what they tell

    async def _rest(self, began: float, longest: float = inf) -> None:
        rest = max(SHORTEST_REST_SECONDS, RECALLED_FOR * (time.monotonic() - began))
        await asyncio.sleep(min(rest, longest))

    async def _ask(self, question: Callable[[Lake, int], Result]) -> Result | None:
        """Ask, for the sake of what is kept of it; what is wrong is told to whoever asks in earnest."""
        await self._reader.calm()
        with suppress(LakeError, QuestionError):
            return await self._reader.look_now(question)
        return None


def _prepared_day(lake: Lake, now: int) -> None:
    """What the questions of most pages share, so what comes first.

    In a lake of few days that of a week is made before: its flows serve the day, but not the other way round,
    since clocks are followed from where a range begins.
    """
    with lake.generation() as generation:
        files = [generation.segments("flows", *_range(since, now)) for since in (SINCE, WEEK)]
    if files[0] == files[1]:
        _prepared_week(lake, now)
    prepare(lake, Query(since=SINCE, until=UNTIL), now)


def _range(since: str, now: int) -> tuple[int | None, int | None]:
    told = range_from_words(since, UNTIL, "UTC", now)
    return told.since, told.until


def _prepared_week(lake: Lake, now: int) -> None:
    """What those about one person share."""
    prepare(lake, Query(since=WEEK, until=UNTIL), now)


def _findings(lake: Lake, now: int) -> None:
    """What takes longest of all that the first page shows; a moment stands without it."""
    with suppress(LakeError, QuestionError):
        alerts(lake, Query(since=SINCE), now)


def _clocks(lake: Lake, now: int) -> None:
    """What each page shows of clocks."""
    with suppress(LakeError, QuestionError):
        clocks(lake, Query(), now)


def _answers(wanted: Iterable[Asked], lake: Lake, now: int) -> dict[Asked, bytes]:
    """The answers to those questions that have one."""
    found: dict[Asked, bytes] = {}
    for asked in wanted:
        with suppress(QuestionError):
            found[asked] = asked.answer(lake, now)
    return found
