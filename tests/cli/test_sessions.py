from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.analysis.test_sessions import flow
from tests.sample_lake import make_lake
from tidegauge.cli.sessions import command


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    flows = [
        flow("John", "www.youtube.com", 0, 60, 9000),
        flow("John", "www.youtube.com", 600, 660, 4000),
        flow("Anna", "www.acme.example", 0, 1, 700),
    ]
    return make_lake(tmp_path / "lake", flows).path


def run(lake: Path, *words: str) -> str:
    ran = CliRunner().invoke(command, ["--lake", str(lake), *words], catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout


def test_rows_by_what_is_named(lake: Path) -> None:
    rows = [json.loads(line) for line in run(lake, "--by", "user,site", "--limit", "1").splitlines()]
    assert [(row["user"], row["sessions"], row["seconds"], row["bytes"]) for row in rows] == [
        ("John", 2, 120.0, 13_000)
    ]


def test_detail_gives_each_session(lake: Path) -> None:
    rows = [json.loads(line) for line in run(lake, "--detail", "--by", "user", "user John").splitlines()]
    assert [row["bytes"] for row in rows] == [9000, 4000]


def test_sentences_are_all_that_the_table_then_shows(lake: Path) -> None:
    table = run(lake, "--sentences", "--by", "user,site", "--format", "table", "user Anna")
    assert [line.strip() for line in table.splitlines()] == [
        "sentence",
        "Anna used www.acme.example for a second, 700 bytes.",
    ]
