from __future__ import annotations

import pytest

from tests.query.running import run
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError
from tidegauge.query.listing import listing
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking, totals

HOME, AWAY = "10.0.0.1", "192.0.2.1"
ROWS = [
    {"src_addr": HOME, "dst_addr": AWAY, "bytes": 1, "reverse_bytes": 100},
    {"src_addr": AWAY, "dst_addr": HOME, "bytes": 20},
    {"src_addr": HOME, "dst_addr": "10.0.0.2", "bytes": 300},
    {"src_addr": AWAY, "dst_addr": "198.51.100.1", "bytes": 4000},
    {"src_addr": HOME, "bytes": 50_000},
]


@pytest.mark.parametrize(("direction", "octets"), [("up", 1), ("down", 120), ("", 54_421)])
def test_flows_within_home_and_past_it_have_no_direction(direction: str, octets: int) -> None:
    query = Query(by=("protocol",), metrics=("bytes",), direction=direction)
    assert run(ranking(query, TimeRange()), ROWS) == [(None, octets)]
    assert run(totals(query, TimeRange()), ROWS)[0][0] == octets


def test_whole_flows_are_listed_by_the_direction_they_began_with() -> None:
    statement = listing(Query(direction="up"), TimeRange())
    octets = [column.name for column in statement.columns].index("bytes")
    assert [row[octets] for row in run(statement, ROWS)] == [1]


def test_other_directions() -> None:
    with pytest.raises(QuestionError, match="'up'"):
        ranking(Query(by=("protocol",), direction="left"), TimeRange())
