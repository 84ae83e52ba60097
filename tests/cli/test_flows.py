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


@pytest.mark.usefixtures("sample")
def test_the_next_page_is_offered_and_given(terminal: Terminal) -> None:
    first = terminal("flows", "--limit", "2", "--order", "bytes")
    [offer] = [line for line in first.err.splitlines() if line.startswith("more: --cursor ")]
    second = terminal("flows", "--order", "bytes", *offer.split()[1:])
    assert [row["bytes"] for row in (*first.rows, *second.rows)] == [100, 10, 5]
    assert "more:" not in second.err


@pytest.mark.usefixtures("sample")
def test_only_what_leaves_home(terminal: Terminal) -> None:
    assert [row["bytes"] for row in terminal("flows", "--direction", "up").rows] == [10, 100]
