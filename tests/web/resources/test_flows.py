from __future__ import annotations

from tests.web.visitor import Visitor


def test_flows_come_whole(visitor: Visitor) -> None:
    (row,) = visitor.get("/api/v1/flows", filter="exporter = 192.0.2.2").json["data"]
    assert (row["src_addr"], row["bytes"], row["start"]) == (
        "10.0.0.1",
        1000,
        "2026-01-01T12:00:20.000000000Z",
    )
