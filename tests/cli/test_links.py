from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from tests.analysis.test_links import FLOWS
from tests.sample_lake import make_lake
from tidegauge.cli.links import command


def test_a_row_for_each_interface(tmp_path: Path) -> None:
    words = ["--lake", str(make_lake(tmp_path / "lake", FLOWS).path), "--order", "interface"]
    ran = CliRunner().invoke(command, words, catch_exceptions=False)
    assert [json.loads(line)["interface"] for line in ran.stdout.splitlines()] == [1, 2, 3]
