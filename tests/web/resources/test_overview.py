from __future__ import annotations

from tests.web.visitor import Visitor


def test_the_lake_at_a_glance(visitor: Visitor) -> None:
    (row,) = visitor.get("/api/v1/overview").json["data"]
    assert (row["flows"], row["bits_per_second"]) == (3, 10000 * 8 // 60)
