from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tidegauge.cli.matrix import command

pytestmark = pytest.mark.usefixtures("sample")


def run(*words: str) -> list[str]:
    return CliRunner().invoke(command, list(words), catch_exceptions=False).stdout.splitlines()


def test_a_row_for_each_cell() -> None:
    [cell] = map(json.loads, run("src_addr,dst_port", "--metrics", "bytes", "tcp"))
    assert cell == {
        "src_addr": "10.0.0.1", "dst_port": 443, "is_other_row": False, "is_other_column": False, "bytes": 10,
    }  # fmt: skip


def test_the_grid() -> None:
    assert [line.split() for line in run("src_addr,protocol", "--grid", "--format", "table", "tcp")] == [
        ["src_addr", "6"],
        ["10.0.0.1", "10"],
    ]
