from __future__ import annotations

import pytest

from tests.cli.running import Terminal


@pytest.mark.usefixtures("sample")
def test_exporters_and_what_makes_them_doubtful(terminal: Terminal) -> None:
    [row] = terminal("exporters").rows
    assert (row["exporter"], row["state"], row["stored"]) == ("192.0.2.9", "silent", 9)
