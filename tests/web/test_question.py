from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from starlette.requests import Request

from tests.sample_lake import make_lake
from tests.web.visitor import Visitor
from tidegauge.analysis.answer import Answer
from tidegauge.store.lake import Lake
from tidegauge.web.application import create_application
from tidegauge.web.question import Question
from tidegauge.web.reply import MEDIA_TYPES


def test_a_question_has_a_path_for_each_format() -> None:
    question = Question("tides", "High and low.", lambda _lake, _query, _now: Answer(data=[], columns=[]))
    assert [route.path for route in question.routes()] == [
        "/tides",
        *(f"/tides.{name}" for name in MEDIA_TYPES),
    ]


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_suffix_and_accept_header_ask_for_the_same(visitor: Visitor, name: str) -> None:
    by_suffix = visitor.get(f"/api/v1/top.{name}", by="src_addr")
    by_header = visitor.get("/api/v1/top", {"accept": MEDIA_TYPES[name]}, by="src_addr")
    assert by_suffix.headers["content-type"].startswith(MEDIA_TYPES[name])
    assert by_header.headers["content-type"] == by_suffix.headers["content-type"]


def test_who_accepts_an_older_answer_is_given_one_of_the_moment_that_stands_ready(tmp_path: Path) -> None:
    seconds = iter(range(0, 10**12, 10**9))
    application = create_application(make_lake(tmp_path / "lake").path, clock=lambda: next(seconds))

    def tide(_lake: Lake, _query: object, now: int) -> Answer:
        return Answer(data=[{"now": now}], columns=[])

    async def reply(headers: list[tuple[bytes, bytes]]) -> bytes:
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
        reply = await Question("tides", "", tide).reply(Request(scope | {"app": application}))
        return bytes(reply.body)

    async def ask() -> list[bool]:
        await application.state.reader.stand_ready(lambda _lake, _now: None)
        told = [await reply([]), await reply([(b"cache-control", b"max-age=60")])]
        return [b'"now":0' in each for each in told]

    assert asyncio.run(ask()) == [False, True]


def test_while_somebody_waits_for_an_answer_nobody_looks_ahead(tmp_path: Path) -> None:
    application = create_application(make_lake(tmp_path / "lake").path)
    asked, go_on = threading.Event(), threading.Event()

    def tide(_lake: Lake, _query: object, _now: int) -> Answer:
        asked.set()
        assert go_on.wait(60)
        return Answer(data=[], columns=[])

    async def ask() -> bool:
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(Question("tides", "", tide).reply(Request(scope | {"app": application})))
            assert await asyncio.to_thread(asked.wait, 60)
            ahead = group.create_task(application.state.reader.calm())
            await asyncio.sleep(0)
            was_waiting = not ahead.done()
            go_on.set()
        return was_waiting

    assert asyncio.run(ask())
