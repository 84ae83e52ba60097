from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.sample_lake import add_segment, make_lake
from tests.web.conftest import FLOWS, LEDGER, NOW
from tidegauge.analysis.top import top
from tidegauge.query.named import RELATION
from tidegauge.query.question import Query
from tidegauge.web import foresight as foresight_module
from tidegauge.web.answers_file import AnswersFile
from tidegauge.web.foresight import MOST_EXPECTED, Foresight
from tidegauge.web.kept_answers import Asked, KeptAnswers
from tidegauge.web.reader import Reader

PIECES = f"pieces of {RELATION}"


class CountedReader(Reader):
    """A reader that remembers how often it was asked, and the relations it then had."""

    def __init__(self, lake_path: Path) -> None:
        super().__init__(lake_path, lambda: NOW)
        self.questions = asyncio.Queue[list[str]]()

    async def look_now(self, look: Any) -> Any:
        answer = await super().look_now(look)
        await self.questions.put([kept.name for kept in self._stock.kept])
        return answer


def test_what_the_questions_of_a_page_share_is_there_before_it_asks(tmp_path: Path) -> None:
    async def open_page() -> list[str]:
        reader = CountedReader(make_lake(tmp_path / "lake", FLOWS, LEDGER).path)
        foresight = Foresight(reader, KeptAnswers())
        async with foresight.at_work(watches=False):
            foresight.expect("now-1h", "now")
            return await reader.questions.get()

    assert PIECES in asyncio.run(open_page())


def test_findings_are_looked_for_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foresight_module, "SHORTEST_REST_SECONDS", 0.0)
    monkeypatch.setattr(foresight_module, "RECALLED_FOR", 0)
    searched = list[str | None]()
    monkeypatch.setattr(foresight_module, "alerts", lambda _lake, query, _now: searched.append(query.since))

    async def watch() -> None:
        reader = CountedReader(make_lake(tmp_path / "lake", FLOWS, LEDGER).path)
        async with Foresight(reader, KeptAnswers()).at_work(watches=True), asyncio.timeout(20):
            for _ in range(3):
                await reader.questions.get()

    asyncio.run(watch())
    assert searched[:2] == ["now-24h", "now-24h"]


def test_what_pages_asked_is_asked_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foresight_module, "SHORTEST_REST_SECONDS", 0.01)
    monkeypatch.setattr(foresight_module, "RECALLED_FOR", 0)
    answers, made = KeptAnswers(), time.monotonic()
    asked, refused = (Asked(top, Query(by=(name,)), "json") for name in ("src_addr", "no_such_field"))

    async def wait() -> bytes:
        reader = CountedReader(make_lake(tmp_path / "lake", FLOWS, LEDGER).path)
        async with Foresight(reader, answers).at_work(watches=True), asyncio.timeout(20):
            while (found := answers.find(asked, 60.0, time.monotonic())) and found[0] == b"old":
                await reader.questions.get()
        assert found
        return found[0]

    for each in (refused, asked):
        answers.keep(each, b"old", made, answers.state)
    told = json.loads(asyncio.run(wait()))
    assert {row["src_addr"] for row in told["data"]} == {"10.0.0.1", "10.0.0.2"}


def test_who_opens_many_pages_makes_it_look_at_few(tmp_path: Path) -> None:
    async def open_pages() -> int:
        reader = CountedReader(make_lake(tmp_path / "lake", FLOWS, LEDGER).path)
        foresight = Foresight(reader, KeptAnswers())
        for hour in range(20):
            foresight.expect(f"now-{hour + 1}h", "now")
        async with foresight.at_work(watches=False):
            async with asyncio.timeout(20):
                for _ in range(MOST_EXPECTED):
                    await reader.questions.get()
            await asyncio.sleep(0.1)
        return reader.questions.qsize()

    assert asyncio.run(open_pages()) == 0


def test_a_lake_that_cannot_be_read_or_a_range_that_is_none_stops_nothing(tmp_path: Path) -> None:
    async def open_pages() -> list[str]:
        reader = CountedReader(tmp_path / "lake")
        foresight = Foresight(reader, KeptAnswers())
        async with foresight.at_work(watches=False):
            foresight.expect("now-1h", "now")
            await asyncio.sleep(0.05)
            make_lake(tmp_path / "lake", FLOWS, LEDGER)
            foresight.expect("whenever", "now")
            foresight.expect("now-2h", "now")
            return await reader.questions.get()

    assert PIECES in asyncio.run(open_pages())


@pytest.mark.parametrize(
    ("days", "order"), [(0, ["now-7d", "now-24h", "now-7d"]), (3, ["now-24h", "now-7d", "now-24h"])]
)
def test_a_moment_stands_ready_for_pages_and_delays_none(
    days: int, order: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, before = make_lake(tmp_path / "lake", FLOWS, LEDGER), days * 86_400 * 10**9
    add_segment(lake, "flows", [{"received": NOW - before, "start": NOW - before, "end": NOW - before}])
    monkeypatch.setattr(foresight_module, "SHORTEST_REST_SECONDS", 0.01)
    monkeypatch.setattr(foresight_module, "RECALLED_FOR", 0)
    prepared = list[tuple[str | None, int]]()
    monkeypatch.setattr(
        foresight_module, "prepare", lambda _lake, query, now: prepared.append((query.since, now))
    )
    seconds = iter(range(NOW, NOW + 10**15, 10**9))

    async def stand() -> None:
        reader = Reader(lake.path, lambda: next(seconds))
        foresight = Foresight(reader, KeptAnswers())
        async with foresight.at_work(watches=True), asyncio.timeout(20):
            while len(prepared) < 6:  # noqa: ASYNC110 (it is set in a thread)
                await asyncio.sleep(0.01)
            assert reader.is_ready
            foresight.expect("now-24h", "now")
            foresight.expect("now-1h", "now")
            while "now-1h" not in {since for since, _ in prepared}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    asyncio.run(stand())
    assert [since for since, _ in prepared[:3]] == order
    moments_in_turn = [now for _, now in prepared[:6]]
    assert moments_in_turn == sorted(moments_in_turn)
    assert moments_in_turn[0] == moments_in_turn[1] < moments_in_turn[5]
    moments = {now for since, now in prepared if since == "now-7d"}
    begun = {now for since, now in prepared if since != "now-24h"}
    assert begun == moments  # none was begun for what a page asked


def test_the_findings_of_a_range_are_looked_for_before_the_page_can_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = list[tuple[str | None, str | None]]()
    monkeypatch.setattr(
        foresight_module, "alerts", lambda _lake, query, _now: searched.append((query.since, query.until))
    )

    async def open_pages() -> None:
        reader = CountedReader(make_lake(tmp_path / "lake", FLOWS, LEDGER).path)
        foresight = Foresight(reader, KeptAnswers())
        async with foresight.at_work(watches=False), asyncio.timeout(20):
            foresight.expect("now-2h", "now", shows_findings=True)
            foresight.expect("now-3h", "now-1h", shows_findings=True)
            for _ in range(2):
                await reader.questions.get()

    asyncio.run(open_pages())
    assert searched[-2:] == [("now-2h", None), ("now-3h", "now-1h")]


def test_a_server_that_starts_again_has_the_answers_of_before(tmp_path: Path) -> None:
    path = make_lake(tmp_path / "lake", FLOWS, LEDGER).path
    asked = Asked(top, Query(by=("src_addr",)), "json")

    async def live(answers: KeptAnswers) -> None:
        async with Foresight(Reader(path, lambda: NOW), answers).at_work(watches=True):
            answers.keep(asked, b"of before", time.monotonic(), answers.state)

    asyncio.run(live(KeptAnswers(AnswersFile(path), {"top": top})))
    again = KeptAnswers(AnswersFile(path), {"top": top})

    async def begin() -> tuple[bytes, float] | None:
        async with Foresight(Reader(path, lambda: NOW), again).at_work(watches=True):
            return again.find(asked, 60.0, time.monotonic())

    assert (found := asyncio.run(begin()))
    assert found[0] == b"of before"


def test_with_answers_of_before_a_server_begins_when_somebody_asks_for_newer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight_module, "CONTENT_SECONDS", 3600.0)
    lake, prepared = make_lake(tmp_path / "lake", FLOWS, LEDGER), list[str | None]()
    monkeypatch.setattr(foresight_module, "prepare", lambda _lake, query, _now: prepared.append(query.since))
    answers = KeptAnswers(AnswersFile(lake.path), {"top": top})
    for since in ("now-24h", "now-1h"):
        asked = Asked(top, Query(since=since, until="now", filter="user = John"), "json")
        answers.keep(asked, b"of before", time.monotonic(), answers.state)

    async def open_pages() -> list[str | None]:
        reader = CountedReader(lake.path)
        foresight = Foresight(reader, answers)
        async with foresight.at_work(watches=True), asyncio.timeout(20):
            foresight.expect("now-24h", "now")
            foresight.expect("now-1h", "now", name="John")
            foresight.expect("now-2h", "now")
            foresight.expect("now-1h", "now", name="Sarah")
            while len(prepared) < 2:  # noqa: ASYNC110 (it is set in a thread)
                await asyncio.sleep(0.01)
            assert not reader.is_ready
            with reader.answering():
                pass
            while "now-24h" not in prepared:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            return prepared[:2]

    assert asyncio.run(open_pages()) == ["now-2h", "now-1h"]
