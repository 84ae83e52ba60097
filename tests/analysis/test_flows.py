from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.flows import flows
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


def test_limit_keeps_the_first(lake: Lake) -> None:
    answer = flows(lake, Query(top=1, order="bytes"), NOON)
    assert [row["bytes"] for row in answer.data] == [100]
    assert answer.totals["flows"] == 3
