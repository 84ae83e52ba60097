from __future__ import annotations

import pytest

from tests.cli.running import Terminal


@pytest.mark.usefixtures("sample")
def test_columns_are_those_of_the_contract(terminal: Terminal) -> None:
    [row] = terminal("clocks").rows
    assert list(row) == [
        "exporter", "observation_domain", "clock", "offset_seconds", "offset_low", "offset_high", "drift_ppm",
        "state", "method", "corrected", "assumptions", "note",
    ]  # fmt: skip
    assert row["note"] == "at least 299.2 s fast"
