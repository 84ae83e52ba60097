from __future__ import annotations

from typing import Any

import pytest

from tidegauge.analysis.shares import add_shares, shared_metric
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query


@pytest.mark.parametrize(
    ("query", "metric"),
    [
        (Query(), "bytes"),
        (Query(order="flows:asc"), "flows"),
        (Query(order="src_addr"), "bytes"),
        (Query(metrics=("packets", "flows", "share")), "packets"),
        (Query(metrics=("first_seen",)), ""),
    ],
)
def test_shares_are_of_what_the_answer_is_ordered_by(query: Query, metric: str) -> None:
    assert shared_metric(query) == metric


def test_a_share_of_nothing_that_adds_up() -> None:
    with pytest.raises(QuestionError, match="adds up"):
        shared_metric(Query(metrics=("first_seen", "share")))


def rows(*counts: int | None) -> list[dict[str, Any]]:
    return [{"bytes": count, "share": None, "cumulative_share": None} for count in counts]


def test_shares_add_up_row_by_row() -> None:
    found = rows(50, 30, None)
    add_shares(found, "bytes", 100, overlap=False)
    assert [(row["share"], row["cumulative_share"]) for row in found] == [(0.5, 0.5), (0.3, 0.8), (0, 0.8)]


def test_rows_that_overlap_have_no_share_together() -> None:
    found = rows(50, 60)
    add_shares(found, "bytes", 100, overlap=True)
    assert [(row["share"], row["cumulative_share"]) for row in found] == [(0.5, None), (0.6, None)]


@pytest.mark.parametrize("whole", [0, None])
def test_there_is_no_share_of_nothing(whole: int | None) -> None:
    found = rows(0)
    add_shares(found, "bytes", whole, overlap=False)
    assert found == rows(0)


def test_only_what_was_asked_for_is_filled() -> None:
    found = [{"bytes": 1, "share": None}]
    add_shares(found, "bytes", 4, overlap=False)
    assert found == [{"bytes": 1, "share": 0.25}]
