from __future__ import annotations

import pytest

from tests.cli.running import Terminal


@pytest.mark.usefixtures("sample")
def test_minutes_in_order(terminal: Terminal) -> None:
    rows = terminal("ledger", "--since", "2026-01-01").rows
    assert [(row["minute"][11:16], row["stored"], row["lost_sequence"]) for row in rows] == [
        ("12:00", 8, 0),
        ("12:01", 1, 1),
    ]
