from __future__ import annotations

import pytest

from tidegauge.query.question import Query
from tidegauge.query.timeless import is_timeless


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(by=("src_addr",)), True),
        (Query(by=("addr", "dst_port"), filter="tcp or bytes > 5"), True),
        (Query(by=("src_addr/24",), metrics=("bytes_up", "share", "distinct_dst_addr")), True),
        (Query(by=("src_addr",), since="1h"), False),
        (Query(by=("src_addr",), until="now"), False),
        (Query(by=("src_addr",), compare="1d", since="1d"), False),
        (Query(by=("src_addr",), direction="up"), False),
        (Query(by=("src_addr",), filter="start > 2026-01-01T00:00:00Z"), False),
        (Query(by=("src_addr",), filter="tcp and not clock_correction > 5"), False),
        (Query(by=("clock_bound",)), False),
        (Query(by=("sampling_interval",)), False),
        (Query(by=("src_addr",), filter="sampling_interval > 1"), False),
        (Query(by=("src_addr",), metrics=("distinct_sampling_interval",)), False),
        (Query(by=("src_user",)), False),
        (Query(by=("src_addr",), filter="src_user ann"), False),
        (Query(by=("src_addr",), metrics=("bytes_estimate",)), False),
        (Query(by=("src_addr",), metrics=("last_seen",)), False),
        (Query(by=("src_addr",), metrics=("peak_bps",)), False),
        (Query(by=("src_addr",), metrics=("distinct_end",)), False),
    ],
)
def test_no_time_changes_what_counts_each_flow_by_what_it_told(query: Query, expected: bool) -> None:
    assert is_timeless(query) is expected
