from __future__ import annotations

from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.flows import flows
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_a_flow_is_told_whole(lake: Lake) -> None:
    answer = flows(lake, Query(filter="tcp", since="2026-01-01T12:00:01Z"), NOON)
    [row] = answer.data
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "received": "2026-01-01T12:00:10.000000000Z",
        "start": "2026-01-01T12:00:00.000000000Z",
        "end": "2026-01-01T12:00:03.000000000Z",
        "start_reported": "2026-01-01T12:00:00.000000000Z",
        "end_reported": "2026-01-01T12:00:03.000000000Z",
        "exporter": "192.0.2.9",
        "src_addr": "10.0.0.1",
        "dst_addr": "198.51.100.1",
        "src_port": 50_000,
        "dst_port": 443,
        "protocol": 6,
        "packets": 3,
        "bytes": 10,
        "packets_estimate": 3,
        "bytes_estimate": 10,
        "src_mac": "00:1b:44:11:3a:b7",
        "duplicate": 0,
        "duration": 3_000_000_000,
        "bytes_up": 10,
        "bytes_down": 0,
        "other": [{"element": "x", "value": "1", "raw": "01"}],
        "bytes_in_range": 7,
    }
    assert answer.totals == {"bytes": 7, "packets": 2, "flows": 1}


def test_what_was_not_counted_is_not_estimated(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 7, "sampling_interval": 10}])
    [row] = flows(lake, Query(), NOON).data
    assert (row["packets_estimate"], row["bytes_estimate"]) == (None, 70)


def test_limit_keeps_the_first(lake: Lake) -> None:
    answer = flows(lake, Query(top=1, order="bytes"), NOON)
    assert [row["bytes"] for row in answer.data] == [100]
    assert answer.totals["flows"] == 3


ORDERS = (
    "",
    "bytes",
    "bytes:asc",
    "start:desc",
    "src_addr",
    "src_mac",
    "user",
    "duration",
    "bytes_in_range",
    "received",
)


def turned(lake: Lake, query: Query, sizes: list[int]) -> list[dict[str, object]]:
    """All flows, a page at a time, pages as long as ``sizes`` say in turn."""
    rows: list[dict[str, object]] = []
    cursor: str | None = ""
    for size in cycle(sizes):
        answer = flows(lake, msgspec.structs.replace(query, cursor=cursor, top=size), NOON)
        rows += answer.data
        cursor = answer.next
        if cursor is None:
            return rows
    raise AssertionError


flow_rows = st.fixed_dictionaries(
    {"received": st.integers(NOON, NOON + 2), "bytes": st.integers(0, 2)},
    optional={
        "start": st.integers(NOON - 2, NOON), "end": st.integers(NOON, NOON + 3),
        "src_addr": st.sampled_from(["10.0.0.1", "2001:db8::1"]),
        "src_mac": st.sampled_from([b"\0" * 6, b"\xff" * 6]),
        "user": st.sampled_from(["Anna", "John"]),
    },
)  # fmt: skip


@given(
    st.lists(flow_rows, max_size=9),
    st.sampled_from(ORDERS),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
)
@settings(max_examples=12, deadline=None)
def test_pages_neither_overlap_nor_leave_a_flow_out(rows: list[Row], order: str, sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        lake = make_lake(Path(folder) / "lake", rows)
        query = Query(order=order, since="2026-01-01T12:00Z")
        assert turned(lake, query, sizes) == flows(lake, msgspec.structs.replace(query, top=0), NOON).data


def test_pages_stay_in_step_while_files_are_merged(tmp_path: Path) -> None:
    rows = [{"received": NOON + n % 3, "bytes": n % 2, "src_port": n} for n in range(12)]
    apart, together = make_lake(tmp_path / "apart"), make_lake(tmp_path / "together", rows)
    for row in rows:
        add_segment(apart, "flows", [row])
    first = flows(apart, Query(top=5), NOON)
    assert first.next is not None
    rest = flows(together, Query(cursor=first.next), NOON)
    ports = [row["src_port"] for row in (*first.data, *rest.data)]
    assert sorted(ports) == list(range(12))
    assert rest.next is None


def test_words_for_times_mean_what_they_did_on_the_first_page(lake: Lake) -> None:
    first = flows(lake, Query(since="now-1m", top=1), NOON + 60 * SECOND)
    assert first.next is not None
    second = flows(lake, Query(since="now-1m", cursor=first.next), NOON + 3600 * SECOND)
    assert (second.since, len(second.data)) == (first.since, 2)


@pytest.mark.parametrize("query", [Query(having="bytes > 1"), Query(since="1h", compare="1d")])
def test_what_is_about_groups_is_refused(lake: Lake, query: Query) -> None:
    with pytest.raises(QuestionError, match="leave it out"):
        flows(lake, query, NOON)
