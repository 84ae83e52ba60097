from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tidegauge.cli.profile import command


@pytest.mark.usefixtures("sample")
def test_rows_in_sections() -> None:
    ran = CliRunner().invoke(command, ["addr", "10.0.0.1"], catch_exceptions=False)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["address"] for row in rows if row["section"] == "peers"] == ["198.51.100.1", "10.0.0.3"]
