from __future__ import annotations

from tests.sample_lake import NOON, SECOND
from tidegauge.analysis.billing import billing
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web.resources.billing import BILLING


def test_the_api_asks_the_analysis(lake: Lake) -> None:
    assert (BILLING.name, BILLING.answer) == ("billing", billing)
    rows = BILLING.answer(lake, Query(by=("exporter",), since="2026-01-01T12:00Z"), NOON + 300 * SECOND).data
    assert [(row["exporter"], row["sum_bps"]) for row in rows] == [("192.0.2.1", 240), ("192.0.2.2", 26)]
