from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.flows import flows
from tidegauge.query.error import FilterError
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

NOW = NOON + 3600 * SECOND


def probe(second: float, source: str, target: str, port: int) -> Row:
    instant = NOON + int(second * SECOND)
    addresses = {"src_addr": source, "dst_addr": target, "src_port": 40000, "dst_port": port}
    return {
        "start": instant,
        "end": instant,
        "protocol": 6,
        "tcp_flags": 2,
        "packets": 1,
        "bytes": 60,
        **addresses,
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    inside = [probe(port / 10, "10.0.0.66", "10.0.0.5", port) for port in range(1, 131)]
    outside = [probe(1000 + n / 10, "198.51.100.9", f"10.0.1.{n}", 445) for n in range(1, 91)]
    later = {**probe(3500, "10.0.0.66", "10.0.0.5", 443), "src_port": 4321}
    return make_lake(tmp_path_factory.mktemp("alerts") / "lake", [*inside, *outside, later])


def test_the_most_severe_comes_first(lake: Lake) -> None:
    answer = alerts(lake, Query(), NOW)
    assert [(row["severity"], row["actor"], row["count"]) for row in answer.data] == [
        ("high", "10.0.0.66", 130),
        ("low", "198.51.100.9", 90),
    ]
    assert answer.totals == {"alerts": 2}
    assert [column["name"] for column in answer.columns] == list(answer.data[0])


def test_the_evidence_is_exactly_the_flows_behind_it(lake: Lake) -> None:
    for row in alerts(lake, Query(), NOW).data:
        evidence = Query(filter=row["filter"], since=row["since"], until=row["until"], top=0)
        assert flows(lake, evidence, NOW).totals["flows"] == row["count"]


def test_a_range_keeps_what_happened_in_it(lake: Lake) -> None:
    assert [row["actor"] for row in alerts(lake, Query(since="2026-01-01T12:10:00Z"), NOW).data] == [
        "198.51.100.9"
    ]


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("dst_port = 445", ["198.51.100.9"]),
        ("host 10.0.0.5", ["10.0.0.66"]),
        ("src net 192.0.2.0/24", []),
        ("src port 4321", []),
        ("proto tcp", ["10.0.0.66", "198.51.100.9"]),
    ],
)
def test_a_filter_keeps_findings_with_a_flow_it_matches(lake: Lake, text: str, actors: list[str]) -> None:
    assert [row["actor"] for row in alerts(lake, Query(filter=text), NOW).data] == actors


def test_order_and_limit_are_the_readers(lake: Lake) -> None:
    answer = alerts(lake, Query(order="count:asc", top=1), NOW)
    assert [row["actor"] for row in answer.data] == ["198.51.100.9"]
    assert answer.totals == {"alerts": 2}


def test_a_filter_that_cannot_be_read_is_told(lake: Lake) -> None:
    with pytest.raises(FilterError):
        alerts(lake, Query(filter="prtocol 6"), NOW)


def test_an_empty_lake_has_none(tmp_path: Path) -> None:
    assert alerts(Lake.create(tmp_path / "lake"), Query(), NOW).data == []
