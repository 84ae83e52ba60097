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
from typing import TYPE_CHECKING, TypeVar

from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.clocks import clocks
from tidegauge.analysis.preparation import prepare
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.store.engines.stock import RECALLED_FOR
from tidegauge.store.errors import LakeError
from tidegauge.web.kept_answers import WANTED_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from tidegauge.store.lake import Lake
    from tidegauge.web.kept_answers import Asked, KeptAnswers
    from tidegauge.web.reader import Reader

Result = TypeVar("Result")

SINCE, UNTIL = "now-24h", "now"
WEEK = "now-7d"
"""The range of a page that names no other, as the dashboard has it; that of a person tells of a week."""

MOST_EXPECTED = 2
SHORTEST_REST_SECONDS, LONGEST_READY_SECONDS = 5.0, 300.0


class Foresight:
    """Looks ahead for one reader, at one range at a time, while it is ``at_work``."""

    def __init__(self, reader: Reader, answers: KeptAnswers) -> None:
        self._reader = reader
        self._answers = answers
        self._expected = asyncio.Queue[tuple[str, str]](MOST_EXPECTED)
        self._has_begun = asyncio.Event()

    def expect(self, since: str, until: str) -> None:
        """Begin with what questions about a range will share, unless much is expected. Returns at once.

        Where a moment stands ready, they are asked at that one, and nothing is begun that would delay them.
        """
        if self._reader.is_ready:
            return
        with suppress(asyncio.QueueFull):
            self._expected.put_nowait((since, until))

    @asynccontextmanager
    async def at_work(self, *, watches: bool) -> AsyncIterator[None]:
        """Look at what is expected; who ``watches`` has findings and the answers of pages at hand as well."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._meet())]
            if watches:
                tasks += map(group.create_task, (self._stand_ready(), self._watch(), self._renew()))
            yield
            for task in tasks:
                task.cancel()

    async def _meet(self) -> None:
        while True:
            since, until = await self._expected.get()
            await self._look(since, until)

    async def _stand_ready(self) -> None:
        """Prepare a new moment: for a fiftieth of a processor, unless the last would get too old."""
        while True:
            began = time.monotonic()
            with suppress(LakeError, QuestionError):
                await self._reader.stand_ready(_prepared)
                await self._reader.look_within(_noticed, WANTED_SECONDS)
            self._has_begun.set()
            await self._rest(began, LONGEST_READY_SECONDS)

    async def _watch(self) -> None:
        """Search as often as what was found may be told again: for a fiftieth of a processor."""
        await self._has_begun.wait()
        while True:
            began = time.monotonic()
            await self._ask(lambda lake, now: alerts(lake, Query(since=SINCE), now))
            await self._rest(began)

    async def _renew(self) -> None:
        """Ask again what pages asked, one question after the other: for a fiftieth of a processor."""
        while True:
            began, state = time.monotonic(), self._answers.state
            wanted = self._answers.wanted(began)
            contents = await self._ask(partial(_answers, wanted)) if wanted else None
            for asked, content in (contents or {}).items():
                self._answers.keep(asked, content, began, state)
            await self._rest(began)

    async def _rest(self, began: float, longest: float = inf) -> None:
        rest = max(SHORTEST_REST_SECONDS, RECALLED_FOR * (time.monotonic() - began))
        await asyncio.sleep(min(rest, longest))

    async def _look(self, since: str, until: str) -> None:
        await self._ask(lambda lake, now: prepare(lake, Query(since=since, until=until), now))

    async def _ask(self, question: Callable[[Lake, int], Result]) -> Result | None:
        """Ask, for the sake of what is kept of it; what is wrong is told to whoever asks in earnest."""
        with suppress(LakeError, QuestionError):
            return await self._reader.look_now(question)
        return None


def _prepared(lake: Lake, now: int) -> None:
    """What pages share, those about one person and those about all."""
    for since in (WEEK, SINCE):
        prepare(lake, Query(since=since, until=UNTIL), now)


def _noticed(lake: Lake, now: int) -> None:
    """What pages show of clocks and findings beside the rest, which takes longest to find."""
    clocks(lake, Query(), now)
    alerts(lake, Query(since=SINCE), now)


def _answers(wanted: Iterable[Asked], lake: Lake, now: int) -> dict[Asked, bytes]:
    """The answers to those questions that have one."""
    found: dict[Asked, bytes] = {}
    for asked in wanted:
        with suppress(QuestionError):
            found[asked] = asked.answer(lake, now)
    return found
