from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_interfaces import told
from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.completeness import sentence
from tidegauge.analysis.exporters import exporters
from tidegauge.analysis.ledger import ledger
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

MINUTE = 60 * SECOND


def said(minute: int, domain: int = 7, **counts: int) -> Row:
    row = told(
        {"observationDomainId": str(domain)},
        NOON + minute * MINUTE,
        **{name: str(count) for name, count in counts.items()},
    )
    return {**row, "observation_domain": domain, "protocol_version": "ipfix"}


def heard(minute: int, domain: int = 7) -> Row:
    at = NOON + minute * MINUTE
    return {
        "minute": at, "exporter": "192.0.2.1", "port": 4739, "observation_domain": domain,
        "protocol_version": "ipfix", "last_received": at, "template_count": 1, "datagrams": 1, "stored": 10,
    }  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = make_lake(tmp_path / "lake", ledger=[heard(minute) for minute in range(5)])
    rows = [
        said(0, ignoredPacketTotalCount=1000, exportedFlowRecordTotalCount=50),
        said(1, ignoredPacketTotalCount=1003, exportedFlowRecordTotalCount=90),
        said(2, ignoredPacketTotalCount=1003, exportedFlowRecordTotalCount=95),
        said(3, ignoredPacketTotalCount=4, exportedFlowRecordTotalCount=20),
        said(4, notSentFlowTotalCount=0),
        said(4, ignoredPacketTotalCount=4, notSentFlowTotalCount=2),
    ]
    add_segment(made, "options", rows)
    return made


def test_counts_are_those_of_the_range_and_begin_anew_with_the_exporter(lake: Lake) -> None:
    [row] = exporters(lake, Query(), NOON + 5 * MINUTE).data
    assert (row["exported_flows"], row["ignored_packets"], row["unsent_flows"]) == (65, 7, 2)
    assert (
        row["note"]
        == "2 flows metered and never sent, by its own count; 7 packets not metered, by its own count"
    )
    [row] = exporters(lake, Query(until="2026-01-01T12:02:00Z"), NOON + 5 * MINUTE).data
    assert (row["exported_flows"], row["ignored_packets"], row["unsent_flows"]) == (45, 3, None)


def test_the_ledger_has_them_by_the_minute(lake: Lake) -> None:
    answer = ledger(lake, Query(), NOON + 5 * MINUTE)
    assert [row["ignored_packets"] for row in answer.data] == [None, 3, 0, 4, 0]
    assert [row["exported_flows"] for row in answer.data] == [None, 40, 5, 20, None]
    assert (answer.totals["ignored_packets"], answer.totals["exported_flows"]) == (7, 65)


def test_what_an_exporter_missed_makes_answers_incomplete(lake: Lake) -> None:
    found = top(lake, Query(by=("src_addr",)), NOON + 5 * MINUTE).completeness
    assert found["reasons"] == {"unsent_flows": 2, "ignored_packets": 7}
    assert sentence(found).startswith("incomplete: at most 100.000 %")
    calm = Query(by=("src_addr",), since="2026-01-01T12:01:30Z", until="2026-01-01T12:02:00Z")
    assert top(lake, calm, NOON + 5 * MINUTE).completeness["reasons"] == {}
