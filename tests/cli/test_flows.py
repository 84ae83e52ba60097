from __future__ import annotations

import pytest

from tests.cli.running import Terminal
from tidegauge.cli.flows import TABLE_COLUMNS
from tidegauge.flow.fields import FIELDS


@pytest.mark.usefixtures("sample")
def test_flows_carry_every_field(terminal: Terminal) -> None:
    [row] = terminal("flows", "--limit", "1").rows
    assert list(row) == [*(field.name for field in FIELDS), "bytes_in_range"]
    assert row["src_addr"] == "10.0.0.1"


@pytest.mark.usefixtures("sample")
def test_a_table_has_what_people_read_first(terminal: Terminal) -> None:
    header, first, *_ = terminal("flows", "--format", "table").out.splitlines()
    assert set(header.split()) == set(TABLE_COLUMNS)
    assert first.split()[0] == "2026-01-01T12:00:00.000Z"
