from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.sample_lake import NOON, add_segment, make_lake
from tidegauge.analysis.answer import Answer
from tidegauge.cli.asking import ask
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_options_complete_the_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_lake(tmp_path / "lake")
    asked: list[Query] = []

    def question(_lake: Lake, query: Query, _now: int) -> Answer:
        asked.append(query)
        return Answer(data=[{"x": 1}], columns=[{"name": "x", "type": "uint64", "unit": ""}])

    ask(
        question,
        {
            "lake": tmp_path / "lake",
            "format_name": "ndjson",
            "envelope": False,
            "since": "1h",
            "until": "now",
            "time_zone": "Asia/Tokyo",
            "limit": 0,
            "order": "x",
        },
        Query(filter="tcp"),
    )
    assert asked == [Query(filter="tcp", since="1h", until="now", time_zone="Asia/Tokyo", top=0, order="x")]
    assert capsys.readouterr().out == '{"x":1}\n'


def test_a_file_damaged_inside_is_found_and_left_out(
    tmp_path: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its length tells nothing, so the question stumbles over it first."""
    flows = [{"received": NOON + number, "bytes": number, "src_addr": "10.0.0.1"} for number in range(3)]
    lake = make_lake(tmp_path / "lake", flows[:1], [{"minute": NOON, "stored": 3}])
    add_segment(lake, "flows", flows[1:])
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(lake.path))
    path = lake.path / "segments/2.flows.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-4] + b"none")
    for question in (("series",), ("flows",), ("exporters",), ("top", "src_addr")):
        ran = terminal(*question)
        assert ran.code == 0
        assert f"{path} cannot be read" in ran.err
        assert "2 rows of flows that arrived from 2026-01-01T12:00:00.000000001Z" in ran.err
    ran = terminal("top", "src_addr")
    assert [row["flows"] for row in ran.rows] == [1]
    assert "incomplete: 33.333 % of the records known to be sent are here; 2 records in damaged" in ran.err
