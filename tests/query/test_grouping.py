from __future__ import annotations

import pytest

from tests.query.running import run
from tests.sample_lake import NOON
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.error import QuestionError
from tidegauge.query.grouping import keys
from tidegauge.query.parameters import Parameters
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking


def groups(by: str, *flows: tuple[str, str]) -> list[str]:
    rows = [{"src_addr": a, "dst_addr": b, "bytes": 1, "received": NOON} for a, b in flows]
    found = run(ranking(Query(by=(by,), order=f"{by.partition('/')[0]}:asc"), TimeRange()), rows)
    return [f"{text_from_address(row[0])} {row[1]}" for row in found]


def test_networks_of_both_families() -> None:
    flows = ("10.1.2.3", "::1"), ("10.1.2.9", "::1"), ("2001:db8::1:2:3:4", "::1"), ("2001:db8:0:1::1", "::1")
    assert groups("src_addr/24", *flows) == ["10.1.2.0 2", "2001:db8:: 1", "2001:db8:0:1:: 1"]
    assert groups("src_addr/48", *flows) == ["10.1.2.3 1", "10.1.2.9 1", "2001:db8:: 2"]
    assert groups("src_addr/8/32", *flows) == ["10.0.0.0 2", "2001:db8:: 2"]
    assert groups("src_addr/0", *flows) == ["0.0.0.0 2", "2001:db8:: 1", "2001:db8:0:1:: 1"]


def test_either_side_counts_both_ends_and_a_single_end_once() -> None:
    assert groups("addr", ("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.1")) == ["10.0.0.1 2", "10.0.0.2 1"]
    assert groups("addr/24", ("10.0.0.1", "10.0.0.2")) == ["10.0.0.0 1"]


def test_an_absent_end_is_no_end() -> None:
    rows = [{"src_port": 5, "bytes": 1}, {"bytes": 1}]
    assert run(ranking(Query(by=("port",)), TimeRange()), rows) == [(5, 1, None, 1), (None, 1, None, 1)]


def test_words_give_the_names_of_fields() -> None:
    found = keys(("SrcIP", "proto", "host"), Parameters())
    assert [key.column.name for key in found] == ["src_addr", "protocol", "addr"]


@pytest.mark.parametrize(
    "by",
    [
        ("src_port/24",), ("src_addr/129",), ("src_addr/x",), ("src_addr/33/64",), ("src_addr/1/2/3",),
        ("other",), ("addr", "port"), ("src_addr", "srcip"), ("",),
    ],
)  # fmt: skip
def test_what_cannot_be_grouped_by(by: tuple[str, ...]) -> None:
    with pytest.raises(QuestionError):
        keys(by, Parameters())
