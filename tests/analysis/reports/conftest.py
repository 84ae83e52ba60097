"""A week of two people, with a name that would be a formula, and reports over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tidegauge.analysis.reports.answering import AnsweredReport, answered
from tidegauge.analysis.reports.report import report_from_text
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.store.lake import Lake

WEDNESDAY = instant_from_text("2026-01-07T10:00Z")
NOW = instant_from_text("2026-01-12T06:00Z")
HOUR = 3600 * 10**9

FLOWS = [
    {
        "src_addr": f"10.0.0.{number}", "dst_addr": "198.51.100.1", "src_port": 50_000, "dst_port": 443,
        "start": WEDNESDAY + number * HOUR, "end": WEDNESDAY + number * HOUR + 1, "protocol": 6,
        "bytes": size, "packets": 1, "user": user, "received": WEDNESDAY + number * HOUR,
    }
    for number, user, size in ((1, "John", 2_000_000), (2, "Sarah <s>", 3000), (3, "=cmd()", 1000))
]  # fmt: skip

TEXT = """
title = "People & bytes"
period = "last week"
time_zone = "Europe/Berlin"

[[section]]
title = "Who"
words = "By volume."
picture = "bars"
query = { by = ["user"], metrics = ["bytes"], top = 2 }

[[section]]
title = "When"
question = "series"
picture = "lines"
query = { by = ["user"], metrics = ["bytes"], step = "1h" }

[[section]]
title = "Nothing"
query = { by = ["user"], filter = "dst_port 9" }
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "lake", FLOWS)


@pytest.fixture
def found(lake: Lake) -> AnsweredReport:
    return answered(lake, "people", report_from_text(TEXT, "people.toml"), NOW)
