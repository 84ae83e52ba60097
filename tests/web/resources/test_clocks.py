from __future__ import annotations

from tests.web.visitor import Visitor


def test_the_fast_clock_is_plain(visitor: Visitor) -> None:
    rows = {row["exporter"]: row for row in visitor.get("/api/v1/clocks").json["data"]}
    assert rows["192.0.2.2"]["offset_low"] == 300.0
    assert rows["192.0.2.1"]["offset_low"] < 0
