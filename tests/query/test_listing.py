from __future__ import annotations

import pytest

from tests.query.running import run
from tests.sample_lake import NOON
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.fields import FIELDS
from tidegauge.query.error import QuestionError
from tidegauge.query.listing import DEFAULT_LIMIT, listing, page, page_end
from tidegauge.query.page import Place
from tidegauge.query.question import Query

ROWS = [
    {"start": NOON + 2, "end": NOON + 4, "bytes": 10, "src_port": 1},
    {"start": NOON, "end": NOON + 10, "bytes": 20, "src_port": 2},
    {"received": NOON + 9, "bytes": 30, "src_port": 3},
]
PORT = [field.name for field in FIELDS].index("src_port")


def ports(query: Query, time_range: TimeRange | None = None) -> list[int]:
    return [row[PORT] for row in run(listing(query, time_range or TimeRange()), ROWS)]


def test_flows_come_by_start_and_those_without_one_last() -> None:
    assert ports(Query()) == [2, 1, 3]


def test_order_and_limit() -> None:
    assert ports(Query(order="bytes", top=2)) == [3, 2]
    assert ports(Query(order="bytes_in_range"), TimeRange(NOON + 2, NOON + 4)) == [1, 2]
    assert ports(Query(order="src_port:desc")) == [3, 2, 1]
    assert ports(Query(top=0)) == [2, 1, 3]


def test_a_range_picks_whole_flows_and_says_what_fell_inside() -> None:
    found = run(listing(Query(), TimeRange(NOON + 4, NOON + 9)), ROWS)
    assert [(row[PORT], row[-1]) for row in found] == [(2, 10), (1, 0)]


def test_each_field_has_its_column() -> None:
    assert [column.name for column in listing(Query(), TimeRange()).columns] == [
        *(field.name for field in FIELDS),
        "bytes_in_range",
    ]


def test_the_default_limit_is_in_force() -> None:
    rows = [{"received": NOON, "bytes": n} for n in range(DEFAULT_LIMIT + 1)]
    assert len(run(listing(Query(), TimeRange()), rows)) == DEFAULT_LIMIT


@pytest.mark.parametrize("order", ["colour", "other"])
def test_what_flows_cannot_be_ordered_by(order: str) -> None:
    with pytest.raises(QuestionError, match="cannot order"):
        listing(Query(order=order), TimeRange())


def test_a_page_ends_where_its_last_flow_lies() -> None:
    assert run(page_end(Query(top=2, order="bytes"), TimeRange()), ROWS) == [(10,)]
    assert run(page_end(Query(top=3), TimeRange()), ROWS) == []


def test_a_page_has_one_flow_more_than_asked_for_each_with_its_place() -> None:
    query = Query(order="bytes", top=1)
    rows = run(page(query, TimeRange(), None, 20), ROWS)
    width = len(page(query, TimeRange()).columns)
    assert [row[width] for row in rows] == [30, 20]
    assert [row[width] for row in run(page(query, TimeRange()), ROWS)] == [30, 20]


def test_a_place_must_fit_the_question() -> None:
    place = Place("", None, None, (1, 2), 0)
    with pytest.raises(QuestionError, match="another question"):
        page(Query(), TimeRange(), place)
