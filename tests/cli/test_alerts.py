from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.cli.main import FILTER, run


@pytest.fixture
def lake(tmp_path: Path) -> str:
    rows = [
        {
            "start": NOON + n * SECOND // 10,
            "end": NOON + n * SECOND // 10,
            "src_addr": "10.0.0.66",
            "dst_addr": f"10.0.1.{n}",
            "src_port": 40000,
            "dst_port": 22,
            "protocol": 6,
            "tcp_flags": 2,
            "packets": 1,
            "bytes": 60,
        }
        for n in range(1, 81)
    ]
    return str(make_lake(tmp_path / "lake", rows).path)


def test_a_finding_is_one_line(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "--lake", lake, "--format", "ndjson"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["sentence"] == "10.0.0.66 tried TCP port 22 of 80 addresses within 8 seconds."


def test_the_filter_is_the_tail(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "--lake", lake, "--format", "json", "dst", "port", "80"]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_a_wrong_filter_ends_with_3(lake: str) -> None:
    assert run(["alerts", "--lake", lake, "dst prot 80"]) == FILTER
