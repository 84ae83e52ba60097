from __future__ import annotations

from tests.web.visitor import Visitor
from tidegauge.flow.fields import FIELDS


def test_every_field_is_listed_in_order(visitor: Visitor) -> None:
    rows = visitor.get("/api/v1/fields").json["data"]
    assert [row["name"] for row in rows] == [field.name for field in FIELDS]
    assert all(row["meaning"] for row in rows)
