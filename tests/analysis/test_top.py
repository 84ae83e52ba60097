from __future__ import annotations

from pathlib import Path

from tests.sample_lake import NOON, make_lake
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_the_largest_first_and_the_rest_in_other(lake: Lake) -> None:
    answer = top(lake, Query(by=("src_addr", "protocol"), top=1), NOON)
    assert answer.data == [{"src_addr": "10.0.0.2", "protocol": 17, "bytes": 100, "packets": 1, "flows": 1}]
    assert answer.totals == {"bytes": 115, "packets": 5, "flows": 3}
    assert answer.other == {"bytes": 15, "packets": 4, "flows": 2}
    assert [column["name"] for column in answer.columns] == [
        "src_addr",
        "protocol",
        "bytes",
        "packets",
        "flows",
    ]


def test_nothing_is_left_out_when_all_is_asked_for(lake: Lake) -> None:
    assert top(lake, Query(by=("protocol",), top=0), NOON).other is None


def test_groups_by_either_side_overlap_so_there_is_no_rest(lake: Lake) -> None:
    answer = top(lake, Query(by=("addr/24",), top=1), NOON)
    assert answer.data == [{"addr": "10.0.0.0/24", "bytes": 115, "packets": 5, "flows": 3}]
    assert answer.other is None


def test_an_open_range_is_answered_with_the_time_the_flows_span(lake: Lake) -> None:
    answer = top(lake, Query(by=("protocol",), filter="tcp or udp"), NOON)
    assert answer.since == "2026-01-01T12:00:00.000000000Z"
    assert answer.until == "2026-01-01T12:01:05.000000000Z"
    assert answer.filter == "protocol = tcp or protocol = udp"


def test_an_empty_lake_has_an_answer(empty_lake: Lake) -> None:
    answer = top(empty_lake, Query(by=("src_addr",)), NOON)
    assert answer.data == []
    assert answer.totals == {"bytes": None, "packets": None, "flows": 0}
    assert (answer.since, answer.until) == (None, None)


def test_records_of_both_directions_leave_as_many_flows_as_the_other_groups_have(tmp_path: Path) -> None:
    rows = [
        {"received": NOON, "src_addr": f"10.0.0.{n}", "dst_addr": f"192.0.2.{n}",
         "bytes": 10 * n, "packets": 1, "reverse_bytes": 10 * n + 1, "reverse_packets": 1}
        for n in (1, 2)
    ]  # fmt: skip
    lake = make_lake(tmp_path / "lake", rows)
    shown = top(lake, Query(by=("src_addr",), top=3), NOON)
    assert [row["bytes"] for row in shown.data] == [21, 20, 11]
    assert shown.other == {"bytes": 10, "packets": 1, "flows": 1}
    assert shown.totals["flows"] == 2
