from __future__ import annotations

from tests.web.visitor import Visitor


def test_each_exporter_has_a_row_and_a_state(visitor: Visitor) -> None:
    rows = visitor.get("/api/v1/exporters").json["data"]
    assert [(row["exporter"], row["records"], row["state"]) for row in rows] == [
        ("192.0.2.1", 2, "receiving"),
        ("192.0.2.2", 1, "receiving"),
    ]
