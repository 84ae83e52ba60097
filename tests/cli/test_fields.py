from __future__ import annotations

from tests.cli.running import Terminal
from tidegauge.flow.fields import FIELDS


def test_every_field_is_listed(terminal: Terminal) -> None:
    rows = terminal("fields").rows
    assert [row["name"] for row in rows] == [field.name for field in FIELDS]
    assert {row["name"] for row in rows if row["derived"]} == {
        field.name for field in FIELDS if field.is_derived
    }
