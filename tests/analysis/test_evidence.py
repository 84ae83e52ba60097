from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_muting import FINDING
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.evidence import shows
from tidegauge.analysis.reading import Reading
from tidegauge.query.parser import parse
from tidegauge.query.question import Query


@pytest.mark.parametrize(
    ("words", "is_shown"),
    [
        ("dst port 22", True),
        ("dst port 23", False),  # it begins after the finding ends
        ("src host 10.0.0.8", False),  # somebody else's
        ("", True),
    ],
)
def test_only_flows_behind_the_finding_count(tmp_path: Path, words: str, is_shown: bool) -> None:
    rows = [
        {
            "start": NOON + at * SECOND,
            "src_addr": source,
            "dst_addr": "10.0.0.5",
            "dst_port": port,
            "protocol": 6,
        }
        for at, source, port in ((1, "10.0.0.7", 22), (2, "10.0.0.7", 23), (1, "10.0.0.8", 22))
    ]
    lake = make_lake(tmp_path / "lake", rows)
    with Reading(lake, Query(), NOON) as reading:
        assert shows(reading, FINDING, parse(words).term) is is_shown
