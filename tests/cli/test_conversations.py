from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from tidegauge.cli.conversations import command


def test_a_row_for_each_pair(sample: Path) -> None:
    ran = CliRunner().invoke(command, ["--by", "client,port", "tcp"], catch_exceptions=False)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(row["client"], row["port"], row["bytes_to_server"]) for row in rows] == [("10.0.0.1", 443, 10)]
    assert sample.exists()
