from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import make_lake
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
