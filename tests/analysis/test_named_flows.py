from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from tests.office_day import END, OfficeDay, office_day
from tidegauge.analysis.answer import Answer
from tidegauge.analysis.named_flows import NamedFlows
from tidegauge.analysis.profile import profile
from tidegauge.analysis.series import series
from tidegauge.analysis.sessions import sessions
from tidegauge.analysis.top import top
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.named import RELATION
from tidegauge.query.question import Query
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake

SECOND = 1_000_000_000
FILES = frozenset({"a", "b"})
DAY = NamedFlows(FILES, "told", TimeRange(100, 200))


@pytest.mark.parametrize(
    ("asked", "is_served"),
    [
        (DAY, True),
        (NamedFlows(FILES, "told", TimeRange(150, 180)), True),
        (NamedFlows(frozenset({"a"}), "told", TimeRange(150, 180)), True),
        (NamedFlows(FILES, "told", TimeRange(99, 200)), False),
        (NamedFlows(FILES, "told", TimeRange(100, 201)), False),
        (NamedFlows(FILES, "told", TimeRange(None, 200)), False),
        (NamedFlows(FILES, "told", TimeRange(100, None)), False),
        (NamedFlows(FILES, "learnt since", TimeRange(100, 200)), False),
        (NamedFlows(frozenset({"a", "c"}), "told", TimeRange(100, 200)), False),
    ],
)
def test_whom_named_flows_serve(asked: NamedFlows, is_served: bool) -> None:
    assert DAY.serves(asked, FILES | {"c"}) is is_served


def test_nobody_is_shown_what_came_after_the_question() -> None:
    assert not DAY.serves(NamedFlows(frozenset({"a"}), "told", TimeRange(100, 200)), frozenset({"a"}))


def test_open_sides_hold_everything() -> None:
    everything = NamedFlows(FILES, "told", TimeRange())
    assert everything.serves(DAY, FILES)
    assert everything.serves(everything, FILES)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> OfficeDay:
    return office_day(tmp_path_factory.mktemp("named"))


def asked_of(lake: Lake, stock: Stock | None, ask: Callable[..., Answer], query: Query, now: int) -> Answer:
    answer = ask(Lake.open(lake.path, stock), query, now)
    answer.stats.clear()
    return answer


def kept_names(stock: Stock) -> list[str]:
    """The tables of flows beside their names."""
    return [kept.table for kept in stock.kept if kept.name in (RELATION, f"pieces of {RELATION}")]


QUESTIONS = [
    *(
        (top, Query(by=(field,), top=0))
        for field in ("user", "user_source", "machine", "team", "site", "site_source", "service", "category")
    ),
    (top, Query(by=("user", "category"), metrics=("bytes_up", "bytes_down", "flows"), top=7)),
    (top, Query(by=("service", "src_addr/24"), filter="user John and dst port 443", since="6h")),
    (top, Query(by=("addr",), filter="category streaming or site ~ drop", compare="1h", since="12h")),
    (top, Query(by=("protocol",), filter="not user John", metrics=("distinct_site", "bytes_estimate"))),
    (top, Query(by=("exporter", "user"), duplicates="all", direction="up")),
    (series, Query(by=("category",), step="1h", top=3, since="now-24h", until="now", compare="previous")),
    (sessions, Query()),
    (sessions, Query(by=("user", "session"), filter="category mail", since="12h", top=20)),
    (profile, Query(filter="user John")),
    (profile, Query(filter="addr 192.168.10.15", since="6h")),
    (series, Query(filter="service YouTube", step="10m", since="12h", until="now-2h")),
]


@pytest.mark.parametrize(("ask", "query"), QUESTIONS)
def test_answers_are_those_of_a_question_that_comes_alone(
    ask: Callable[..., Answer], query: Query, day: OfficeDay
) -> None:
    stock = Stock()
    alone = asked_of(day.lake, None, ask, query, END)
    first, again = (asked_of(day.lake, stock, ask, query, END) for _ in range(2))
    assert kept_names(stock)
    assert msgspec.json.encode(first) == msgspec.json.encode(again) == msgspec.json.encode(alone)


def test_a_narrower_question_takes_the_names_of_a_wider_one(day: OfficeDay) -> None:
    stock = Stock()
    kept = []
    for since in ("24h", "12h"):
        asked_of(day.lake, stock, top, Query(by=("user",), since=since), END)
        kept.append(sorted(kept_names(stock)))
    assert kept[0] == kept[1]


def test_what_nobody_names_is_asked_of_the_flows_as_they_lie(day: OfficeDay) -> None:
    stock = Stock()
    asked_of(day.lake, stock, top, Query(by=("dst_port",)), END)
    assert not kept_names(stock)


def test_who_asks_a_little_later_takes_what_was_named_before(day: OfficeDay) -> None:
    stock = Stock()
    query = Query(by=("user",), since="now-12h", until="now")
    kept = []
    for now in (END - 2 * SECOND, END - SECOND):
        shared, alone = (asked_of(day.lake, each, top, query, now) for each in (stock, None))
        assert msgspec.json.encode(shared) == msgspec.json.encode(alone)
        kept.append(sorted(kept_names(stock)))
    assert kept[0] == kept[1]
