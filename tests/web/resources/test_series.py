from __future__ import annotations

from tests.web.visitor import Visitor


def test_traffic_falls_into_buckets(visitor: Visitor) -> None:
    reply = visitor.get("/api/v1/series", by="protocol", step="10s").json
    assert [(row["time"][17:19], row["protocol"], row["bytes"]) for row in reply["data"]] == [
        ("00", 6, 6000),
        ("10", 17, 3000),
        ("20", 6, 1000),
    ]
    assert reply["totals"]["bytes"] == 10000
