from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.sample_lake import NOON, SECOND, add_segment, make_lake
from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.question import Query
from tidegauge.store.engines import duckdb
from tidegauge.store.engines.stock import Stock
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


def test_a_limit_of_as_many_as_there_are_leaves_nothing(lake: Lake) -> None:
    assert top(lake, Query(by=("protocol",), top=3), NOON).other is None
    assert top(lake, Query(by=("protocol",), top=2), NOON).other == {"bytes": 5, "packets": 1, "flows": 1}


def test_what_having_refuses_is_part_of_the_rest(lake: Lake) -> None:
    answer = top(lake, Query(by=("protocol",), having="bytes >= 10 and protocol != 17"), NOON)
    assert [row["protocol"] for row in answer.data] == [6]
    assert answer.other == {"bytes": 105, "packets": 2, "flows": 2}
    assert answer.totals["bytes"] == 115
    assert top(lake, Query(by=("protocol",), having="bytes > 1M"), NOON).totals["flows"] == 3


def test_shares_of_what_the_answer_is_ordered_by(lake: Lake) -> None:
    query = Query(by=("protocol",), metrics=("packets", "share", "cumulative_share"), order="packets", top=2)
    answer = top(lake, query, NOON)
    assert [tuple(row.values()) for row in answer.data] == [(6, 3, 0.6, 0.6), (1, 1, 0.2, 0.8)]
    assert answer.totals == {"packets": 5}
    assert answer.other == {"packets": 1, "share": 0.2, "cumulative_share": None}


def test_metrics_that_do_not_add_up_are_not_left_over(lake: Lake) -> None:
    metrics = ("flows", "distinct_dst_addr", "first_seen", "sessions", "bytes_estimate")
    answer = top(lake, Query(by=("protocol",), metrics=metrics, order="flows", top=1), NOON)
    assert answer.totals == {
        "flows": 3, "distinct_dst_addr": 3, "first_seen": "2026-01-01T12:00:00.000000000Z", "sessions": 1,
        "bytes_estimate": 115, "bytes_estimate_low": None, "bytes_estimate_high": None, "sampled": False,
    }  # fmt: skip
    assert answer.other == {**dict.fromkeys(answer.totals), "flows": 2, "bytes_estimate": 110}


def test_only_flows_that_leave_home(lake: Lake) -> None:
    assert top(lake, Query(by=("protocol",), direction="up"), NOON).totals["bytes"] == 110


def test_groups_stand_beside_what_they_were(tmp_path: Path) -> None:
    hour = 3600 * SECOND
    rows = [{"start": at, "end": at + 2, "bytes": count, "src_port": port} for at, count, port in (
        (NOON, 10, 1), (NOON, 20, 2), (NOON - 1, 4, 1), (NOON - hour, 100, 2), (NOON - hour, 200, 3),
    )]  # fmt: skip
    lake = make_lake(tmp_path / "lake", rows)
    query = Query(
        by=("src_port",),
        since="2026-01-01T12:00Z",
        until="2026-01-01T13:00Z",
        compare="1h",
        metrics=("bytes", "flows"),
    )
    answer = top(lake, query, NOON)
    assert answer.data == [
        {"src_port": 2, "bytes": 20, "flows": 1, "bytes_before": 100, "flows_before": 1},
        {"src_port": 1, "bytes": 12, "flows": 2, "bytes_before": 2, "flows_before": 1},
    ]
    assert answer.totals == {"bytes": 32, "flows": 3, "bytes_before": 302, "flows_before": 3}
    assert answer.other == {"bytes": 0, "flows": 0, "bytes_before": 200, "flows_before": 1}


def test_a_group_that_was_not_there_before(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1, "src_port": 1}])
    query = Query(by=("src_port",), since="2026-01-01T12:00Z", compare="previous", having="flows_before = 0")
    [row] = top(lake, query, NOON + 60 * SECOND).data
    assert (row["bytes_before"], row["flows_before"]) == (None, 0)


@pytest.mark.parametrize(
    ("life", "since", "told"),
    [
        ((NOON, NOON + 5), "2026-01-01T12:00:00.000000000Z", 0),
        ((NOON + 5, NOON), "2026-01-01T12:00:00.000000005Z", 0),
        ((NOON - 2 * MAX_FLOW_AGE, NOON), "2025-12-31T12:00:00.000000000Z", 1),
    ],
)
def test_flows_of_odd_lives_are_placed_and_told(
    tmp_path: Path, life: tuple[int, int], since: str, told: int
) -> None:
    lake = make_lake(tmp_path / "lake", [{"start": life[0], "end": life[1], "bytes": 1}])
    answer = top(lake, Query(by=("protocol",)), NOON)
    assert (answer.since, len(answer.warnings)) == (since, told)


@pytest.mark.parametrize("metrics", [("bytes", "packets", "flows"), ("flows", "bytes_up")])
def test_the_statistics_of_many_flows_change_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metrics: tuple[str, ...]
) -> None:
    rows = [
        {
            "start": NOON + at,
            "end": NOON + at + SECOND,
            "src_addr": f"10.0.0.{at % 4}",
            "bytes": at,
            "packets": 1,
        }
        for at in range(20)
    ]
    lake = make_lake(tmp_path / "lake", rows)
    for query in (Query(by=("src_addr",), metrics=metrics, top=2), Query(by=("addr",), filter="bytes > 3")):
        plain = top(lake, query, NOON)
        with monkeypatch.context() as patch:
            patch.setattr(duckdb, "LEAST_ROWS", 0)
            cheap = top(lake, query, NOON)
        assert msgspec.structs.replace(cheap, stats={}) == msgspec.structs.replace(plain, stats={})
        assert cheap.until == text_from_instant(NOON + 19 + SECOND)


def test_a_flow_that_lived_too_long_is_found_whatever_the_statistics_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb, "LEAST_ROWS", 0)
    lake = make_lake(tmp_path / "lake", [{"start": NOON - 2 * MAX_FLOW_AGE, "end": NOON, "bytes": 9}])
    answer = top(lake, Query(by=("src_addr",)), NOON)
    assert answer.since == text_from_instant(NOON - MAX_FLOW_AGE)
    assert len(answer.warnings) == 1


def test_questions_that_share_see_each_new_generation(tmp_path: Path) -> None:
    path, stock = tmp_path / "lake", Stock()
    seen = {
        "src_addr": "10.0.0.1",
        "dst_addr": "192.0.2.9",
        "start": NOON,
        "end": NOON,
        "bytes": 1,
        "packets": 1,
    }
    lake = make_lake(path)
    for count, exporter in enumerate(("192.0.2.1", "192.0.2.2", "192.0.2.3"), 1):
        add_segment(lake, "flows", [{**seen, "exporter": exporter}])
        add_segment(
            lake, "ledger", [{"minute": NOON, "exporter": exporter, "observation_domain": 0, "stored": 1}]
        )
        for _ in range(2):
            once = top(Lake.open(path, stock), Query(by=("src_addr",)), NOON)
            everything = top(Lake.open(path, stock), Query(by=("src_addr",), duplicates="all"), NOON)
            assert (once.totals["bytes"], everything.totals["bytes"]) == (1, count)
