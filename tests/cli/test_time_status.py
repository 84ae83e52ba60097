from __future__ import annotations

import json

import pytest

from tidegauge.cli.main import run


def test_status_says_whether_anybody_keeps_the_clock(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["time", "status", "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["synchronised"] is (row["bound_seconds"] is not None)
    assert row["source"] == ("kernel" if row["synchronised"] else "none")
