from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.running import run
from tests.sample_lake import NOON, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError
from tidegauge.query.matrix import matrix
from tidegauge.query.question import Query

BY = ("protocol", "dst_port")


def flow(protocol: int | None, port: int | None, size: int) -> Row:
    return {"received": NOON, "protocol": protocol, "dst_port": port, "bytes": size, "packets": 1}


def cells(flows: list[Row], top: int) -> list[tuple[object, ...]]:
    return run(matrix(Query(by=BY, metrics=("bytes",), top=top), TimeRange()), flows)


def test_the_largest_keep_their_names_and_the_rest_shares_a_row_and_a_column() -> None:
    flows = [flow(6, 443, 100), flow(6, 80, 10), flow(17, 443, 5), flow(17, 53, 3), flow(1, None, 1)]
    assert cells(flows, top=1) == [
        (6, 443, False, False, 100),
        (6, None, False, True, 10),
        (None, 443, True, False, 5),
        (None, None, True, True, 4),
    ]


def test_what_is_unknown_is_not_what_is_left_out() -> None:
    flows = [flow(6, None, 100), flow(6, 80, 10)]
    assert cells(flows, top=1) == [(6, None, False, False, 100), (6, None, False, True, 10)]


drawn = st.builds(flow, st.sampled_from([1, 6, 17, None]), st.integers(1, 4), st.integers(0, 2**60))


@given(st.lists(drawn, max_size=10), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_cells_hold_everything_once(flows: list[Row], top: int) -> None:
    found = cells(flows, top)
    assert sum(int(str(row[4])) for row in found) == sum(each["bytes"] for each in flows)
    named = {(row[0], row[1]): row[4] for row in found if not row[2] and not row[3]}
    sums: Counter[tuple[int | None, int]] = Counter()
    for each in flows:
        sums[each["protocol"], each["dst_port"]] += each["bytes"]
    assert named.items() <= dict(sums).items()
    assert top > 0 or named == dict(sums)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(by=("protocol",)), "two sides"),
        (Query(by=("addr", "protocol")), "overlap"),
        (Query(by=BY, order="duration"), "cannot order"),
        (Query(by=BY, metrics=("peak_bps",)), "add up"),
    ],
)
def test_what_makes_no_matrix(query: Query, words: str) -> None:
    with pytest.raises(QuestionError, match=words):
        matrix(query, TimeRange())
