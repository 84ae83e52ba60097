from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tidegauge.cli.time_devices import devices_command


@pytest.mark.usefixtures("sample")
def test_devices_are_listed_with_what_they_ask() -> None:
    ran = CliRunner().invoke(devices_command, ["addr", "10.0.0.1"], catch_exceptions=False)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(row["address"], row["state"]) for row in rows][:1] == [("10.0.0.1", "never asks")]
