from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from time import sleep

import duckdb
import pytest

from tests.sample_lake import make_lake
from tidegauge.store.engines import stock
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import (
    MOST_ALIKE,
    MOST_RECALLED,
    MOST_REMEMBERED,
    RECALLED_FOR,
    Stock,
)
from tidegauge.store.generation import Generation
from tidegauge.store.lake import Lake


@pytest.fixture
def generation(tmp_path: Path) -> Generation:
    return make_lake(tmp_path / "lake").generation()


def making(engine: Engine, number: int, made: list[int]) -> Callable[[], None]:
    def make() -> None:
        made.append(number)
        engine.rows(f"CREATE TEMP TABLE thing AS SELECT {number} AS number")

    return make


def test_a_relation_is_made_once_for_each_key(generation: Generation) -> None:
    stock, made = Stock(), list[int]()
    for key in ("a", "a", "b", "a"):
        with Engine(generation, stock=stock) as engine:
            number = ord(key)
            engine.share("thing", key, making(engine, number, made))
            engine.share("thing", key, making(engine, number, made))
            assert engine.rows("FROM thing") == [(number,)]
    assert made == [ord("a"), ord("b")]


def test_without_a_stock_every_question_makes_its_own(generation: Generation) -> None:
    made = list[int]()
    for _ in range(2):
        with Engine(generation) as engine:
            engine.share("thing", "a", making(engine, 1, made))
            assert engine.rows("FROM thing") == [(1,)]
    assert made == [1, 1]


def test_threads_that_ask_at_once_wait_for_the_first(generation: Generation) -> None:
    stock, made, together = Stock(), list[int](), Barrier(4)

    def ask(_: int) -> list[tuple[int]]:
        with Engine(generation, stock=stock) as engine:
            together.wait()
            engine.share("thing", "a", making(engine, 7, made))
            return engine.rows("FROM thing")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [[(7,)]] * 4
    assert made == [7]


def test_what_is_read_stays_and_the_rest_makes_room(generation: Generation) -> None:
    stock, made = Stock(most_bytes=0), list[int]()
    with Engine(generation, stock=stock) as reading:
        reading.share("thing", "a", making(reading, 1, made))
        with Engine(generation, stock=stock) as other:
            other.share("thing", "a", making(other, 1, made))
            other.share("another", "b", lambda: other.rows("CREATE TEMP TABLE another AS SELECT 2"))
        assert reading.rows("FROM thing") == [(1,)]
        assert [kept.name for kept in stock.kept] == ["thing"]
    assert stock.kept == ()
    assert made == [1]


def test_few_of_a_name_are_kept(generation: Generation) -> None:
    stock = Stock()
    for key in range(MOST_ALIKE + 3):
        with Engine(generation, stock=stock) as engine:
            engine.share("thing", key, making(engine, key, []))
    assert [kept.key for kept in stock.kept] == list(range(3, MOST_ALIKE + 3))


def test_what_failed_is_made_again(tmp_path: Path, generation: Generation) -> None:
    stock = Stock()
    with Engine(generation, stock=stock) as engine, pytest.raises(ZeroDivisionError):
        engine.share("thing", "a", lambda: print(1 // 0))
    with Engine(Lake.open(tmp_path / "lake").generation(), stock=stock) as engine:
        engine.share("thing", "a", making(engine, 5, []))
        assert engine.rows("FROM thing") == [(5,)]


def test_what_files_tell_is_remembered_and_the_longest_unused_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stock, "MOST_TOLD", 2)
    shared = Stock()
    shared.tell({"a": (1,), "b": None})
    assert shared.told(["a", "c"]) == {"a": (1,)}
    shared.tell({"c": (3,)})
    assert shared.told(["a", "b", "c"]) == {"a": (1,), "c": (3,)}


def test_short_results_are_remembered_by_key_and_the_oldest_forgotten() -> None:
    stock, made = Stock(), list[int]()

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [stock.remembered(key, make) for key in ("a", "b", "a")] == [0, 1, 0]
    for number in range(MOST_REMEMBERED - 1):
        stock.remembered(number, make)
    assert stock.remembered("a", make) == 0  # used since
    assert stock.remembered("b", make) == MOST_REMEMBERED + 1


def test_what_is_costly_is_recalled_for_a_while_in_proportion() -> None:
    stock, made, second = Stock(), list[int](), 1_000_000_000

    def make() -> int:
        sleep(0.01)  # it is recalled for half a second at least
        made.append(1)
        return len(made)

    assert [stock.recall("clocks", "a", now, make) for now in (0, second // 4, 3600 * second, 0)] == [
        1,
        1,
        2,
        3,
    ]
    assert stock.recall("clocks", "b", 0, make) == 4
    assert RECALLED_FOR == 50


def test_little_is_recalled() -> None:
    stock, made = Stock(), list[int]()
    for number in (*range(MOST_RECALLED + 1), 0):
        stock.recall("clocks", number, 0, partial(made.append, number))
    assert made == [*range(MOST_RECALLED + 1), 0]


def test_who_wants_something_else_recalled_does_not_wait() -> None:
    stock, together = Stock(), Barrier(2, timeout=10)
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(stock.recall, what, "key", 0, together.wait) for what in ("alerts", "clocks")]
        assert sorted(each.result() for each in made) == [0, 1]  # each met the other while at work


def test_what_nobody_waits_for_is_interrupted() -> None:
    stock = Stock()
    with stock.connect() as connection, ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            connection.execute, "SELECT count(*) FROM range(1_000_000_000_000) WHERE range % 7 = 3"
        )
        while not running.done():
            stock.interrupt()
        assert isinstance(running.exception(), duckdb.InterruptException)


def test_a_question_that_has_just_ended_is_not_interrupted() -> None:
    stock = Stock()
    connection = stock.connect()
    connection.close()
    stock.interrupt()
