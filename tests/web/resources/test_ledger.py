from __future__ import annotations

from tests.web.visitor import Visitor


def test_the_ledger_counts_by_minute_and_exporter(visitor: Visitor) -> None:
    rows = visitor.get("/api/v1/ledger").json["data"]
    assert {(row["exporter"], row["stored"], row["lost_sequence"]) for row in rows} == {
        ("192.0.2.1", 2, 1),
        ("192.0.2.2", 1, 1),
    }
