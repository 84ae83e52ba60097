from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from tests.sample_lake import SECOND, make_lake
from tidegauge.analysis.reading import Reading
from tidegauge.query.question import Query
from tidegauge.store.errors import LakeMissingError
from tidegauge.store.lake import Lake
from tidegauge.store.moment import Moment
from tidegauge.web import reader as reader_module
from tidegauge.web.reader import CONCURRENT_QUERIES, STOP_SECONDS, Reader


def test_only_so_many_queries_run_at_once(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    running, most = 0, 0
    lock = threading.Lock()

    def look(_lake: object) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1

    async def ask() -> None:
        reader = Reader(lake.path)
        await asyncio.gather(*(reader.read(look) for _ in range(4 * CONCURRENT_QUERIES)))

    asyncio.run(ask())
    assert most == CONCURRENT_QUERIES


def test_a_lake_may_appear_later(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "lake")

    async def ask() -> Path:
        return await reader.read(lambda lake: lake.path)

    with pytest.raises(LakeMissingError):
        asyncio.run(ask())
    make_lake(tmp_path / "lake")
    assert asyncio.run(ask()) == tmp_path / "lake"


def test_who_asks_together_asks_at_one_time_of_one_generation(tmp_path: Path) -> None:
    lake, times = make_lake(tmp_path / "lake"), iter(range(0, 90 * SECOND, SECOND))
    reader = Reader(lake.path, clock=lambda: next(times))

    def look(lake: Lake, now: int) -> tuple[int, int]:
        with lake.generation() as generation:
            seen = generation.number
        lake.commit(lambda manifest: manifest, now)
        return now, seen

    async def ask(count: int) -> set[tuple[int, int]]:
        return set(await asyncio.gather(*(reader.look_now(look) for _ in range(count))))

    [first] = asyncio.run(ask(2 * CONCURRENT_QUERIES))
    [second] = asyncio.run(ask(1))
    assert second[0] > first[0]
    assert second[1] == first[1] + 2 * CONCURRENT_QUERIES


def test_who_goes_away_before_its_turn_keeps_nobody_waiting(tmp_path: Path) -> None:
    reader, begun = Reader(make_lake(tmp_path / "lake").path), list[int]()

    def look(_lake: Lake, _now: int) -> None:
        begun.append(1)
        time.sleep(0.05)

    async def ask() -> None:
        async with asyncio.TaskGroup() as asking:
            tasks = [asking.create_task(reader.look_now(look)) for _ in range(3 * CONCURRENT_QUERIES)]
            await asyncio.sleep(0.02)
            for task in tasks[CONCURRENT_QUERIES:]:
                task.cancel()
        await reader.look_now(look)

    asyncio.run(ask())
    assert len(begun) == CONCURRENT_QUERIES + 1


def test_what_runs_when_the_server_stops_is_ended(tmp_path: Path) -> None:
    async def stop() -> float:
        reader, begun = Reader(make_lake(tmp_path / "lake", [{"bytes": 1}]).path), threading.Event()

        def look(lake: Lake) -> None:
            with Reading(lake, Query(), 0) as reading:
                begun.set()
                reading.engine.rows("SELECT count(*) FROM range(1_000_000_000_000) WHERE range % 7 = 3")

        async with asyncio.TaskGroup() as asking:
            task = asking.create_task(reader.read(look))
            await asyncio.to_thread(begun.wait)
            task.cancel()
        began = time.monotonic()
        await reader.stop()
        return time.monotonic() - began

    assert asyncio.run(stop()) < STOP_SECONDS / 5, "it was ended, not waited for"


def test_nothing_begins_once_the_server_stops(tmp_path: Path) -> None:
    looked = list[Lake]()

    async def stop() -> None:
        reader = Reader(make_lake(tmp_path / "lake").path)
        await reader.stop()
        await reader.read(looked.append)

    with pytest.raises(RuntimeError, match="the server stops"):
        asyncio.run(stop())
    assert looked == []


def test_who_has_written_something_sees_it_though_others_still_ask(tmp_path: Path) -> None:
    async def ask() -> tuple[bool, bool]:
        reader = Reader(make_lake(tmp_path / "lake").path)
        moments = list[Moment | None]()
        release = threading.Event()

        def look(lake: Lake, _now: int) -> None:
            moments.append(lake.moment)
            release.wait(10)

        async with asyncio.TaskGroup() as asking:
            for writes in (False, False, True):
                if writes:
                    reader.begin_anew()
                before = len(moments)
                asking.create_task(reader.look_now(look))
                async with asyncio.timeout(10):
                    while len(moments) == before:  # noqa: ASYNC110 (it is set in a thread)
                        await asyncio.sleep(0.01)
            release.set()
        first, second, third = moments
        return first is second, second is third

    assert asyncio.run(ask()) == (True, False)


def number_of(lake: Lake, _now: int) -> int:
    with lake.generation() as generation:
        return generation.number


def test_who_is_content_with_it_is_told_of_the_moment_that_stands_ready(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")

    async def ask() -> list[tuple[int, float]]:
        reader = Reader(lake.path)
        before = await reader.look_within(number_of, 60.0)
        await reader.stand_ready(number_of)
        lake.commit(lambda manifest: manifest, 0)
        told = [before, *[await reader.look_within(number_of, most_age) for most_age in (60.0, 0.0)]]
        assert reader.is_ready
        reader.begin_anew()
        assert not reader.is_ready
        return [*told, await reader.look_within(number_of, 60.0)]

    before, ready, now, anew = asyncio.run(ask())
    assert (before[1], now[1], anew[1]) == (0.0, 0.0, 0.0)
    assert 0.0 < ready[1] < 60.0
    assert (ready[0], now[0], anew[0]) == (before[0], before[0] + 1, before[0] + 1)


def test_the_next_moment_that_stands_ready_lets_go_of_the_one_before(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")

    async def ask() -> list[bool]:
        reader, moments = Reader(lake.path), list[Moment]()

        def look(lake: Lake, _now: int) -> None:
            assert lake.moment
            moments.append(lake.moment)

        def fail(lake: Lake, _now: int) -> None:
            look(lake, _now)
            raise LakeMissingError("gone")

        await reader.stand_ready(look)
        await reader.stand_ready(look)
        held = [each.is_over for each in moments]
        with pytest.raises(LakeMissingError):
            await reader.stand_ready(fail)
        assert not reader.is_ready
        return [*held, *(each.is_over for each in moments)]

    assert asyncio.run(ask()) == [True, False, True, True, True]


def test_the_first_moment_serves_while_it_is_prepared(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")

    async def ask() -> tuple[int, int]:
        reader = Reader(lake.path)

        async def asked() -> int:
            number, age = await reader.look_within(number_of, 60.0)
            assert age > 0.0
            return number

        loop, found = asyncio.get_running_loop(), list[int]()

        def prepare(lake_: Lake, now: int) -> None:
            number_of(lake_, now)
            lake.commit(lambda manifest: manifest, 0)
            found.append(asyncio.run_coroutine_threadsafe(asked(), loop).result(10))

        await reader.stand_ready(prepare)
        return found[0], await reader.look_now(number_of)

    ready, now = asyncio.run(ask())
    assert ready == now - 1


def test_what_was_written_while_a_moment_was_prepared_keeps_it_from_standing_ready(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")

    async def ask() -> bool:
        reader = Reader(lake.path)
        for _ in range(2):
            await reader.stand_ready(lambda _lake, _now: reader.begin_anew())
            assert not reader.is_ready
            await reader.stand_ready(number_of)
            assert reader.is_ready
        return True

    assert asyncio.run(ask())


def test_who_looks_ahead_waits_for_those_who_ask_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, looked = make_lake(tmp_path / "lake"), list[str]()

    async def ask() -> None:
        reader = Reader(lake.path)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            with reader.answering():
                with reader.answering():
                    group.create_task(reader.stand_ready(lambda _lake, _now: looked.append("first")))
                    for _ in range(3):
                        await reader.look_now(number_of)
                await reader.look_now(number_of)
                assert reader.is_ready
                assert looked == []
        assert looked == ["first"]
        monkeypatch.setattr(reader_module, "CALM_SECONDS", 0.01)
        with reader.answering():
            await asyncio.wait_for(reader.stand_ready(lambda _lake, _now: looked.append("again")), 60)

    monkeypatch.setattr(reader_module, "CALM_SECONDS", 3600.0)
    asyncio.run(ask())
    assert looked == ["first", "again"]


def test_who_looks_ahead_waits_for_a_page_that_was_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake(tmp_path / "lake")
    monkeypatch.setattr(reader_module, "CALM_SECONDS", 3600.0)
    monkeypatch.setattr(reader_module, "COMING_SECONDS", 0.2)

    async def ask() -> float:
        reader, began = Reader(lake.path), time.monotonic()
        reader.await_questions()
        await asyncio.wait_for(reader.stand_ready(number_of), 60)
        return time.monotonic() - began

    assert asyncio.run(ask()) >= 0.2


def test_one_look_that_fails_ends_the_others(tmp_path: Path) -> None:
    lake, looked = make_lake(tmp_path / "lake"), list[str]()

    def fail(_lake: Lake, _now: int) -> None:
        raise LakeMissingError("gone")

    async def ask() -> bool:
        reader = Reader(lake.path)
        with pytest.raises(LakeMissingError):
            await reader.stand_ready(number_of, fail, lambda _lake, _now: looked.append("more"))
        return reader.is_ready

    assert asyncio.run(ask()) is False
    assert looked == []
