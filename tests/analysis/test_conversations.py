from __future__ import annotations

from pathlib import Path

from tests.query.test_conversations import LAPTOP, SERVER, flow
from tests.sample_lake import NOON, make_lake
from tidegauge.analysis.conversations import conversations
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_rows_and_other_add_up_to_the_totals(tmp_path: Path) -> None:
    flows = [
        flow(LAPTOP, SERVER, (50_000, 443), 100, received=NOON, reverse_bytes=900, reverse_packets=3),
        flow(LAPTOP, SERVER, (50_001, 80), 50, received=NOON, reverse_bytes=60, reverse_packets=1),
    ]
    answer = conversations(make_lake(tmp_path / "lake", flows), Query(top=1), NOON)
    [row] = answer.data
    assert (row["port"], row["bytes_to_server"], row["bytes_to_client"], row["flows"]) == (443, 100, 900, 1)
    assert answer.totals == {"bytes": 1110, "packets": 8, "flows": 2}
    assert answer.other == {"bytes": 110, "packets": 3, "flows": 1}


def test_the_sample(lake: Lake) -> None:
    answer = conversations(lake, Query(by=("client", "server")), NOON)
    assert [(row["client"], row["server"], row["bytes"]) for row in answer.data] == [
        ("10.0.0.2", "2001:db8::1", 100),
        ("10.0.0.1", "198.51.100.1", 10),
        ("10.0.0.3", "10.0.0.1", 5),
    ]
    assert answer.other is None


def test_an_empty_lake(empty_lake: Lake) -> None:
    assert conversations(empty_lake, Query(), NOON).data == []
