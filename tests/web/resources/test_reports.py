from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tests.web.conftest import FLOWS, LEDGER, running
from tests.web.visitor import Visitor

OWN = """
title = "Mine <today>"
period = "today"
[[section]]
title = "Sources"
query = { by = ["src_addr"], metrics = ["bytes"] }
[schedule]
to = ["boss@example.com"]
"""


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    lake = make_lake(tmp_path_factory.mktemp("reports") / "lake", FLOWS, LEDGER)
    folder: Path = lake.path / "reports"
    folder.mkdir()
    (folder / "own.toml").write_text(OWN)
    (folder / "torn.toml").write_text("title = 5")
    with running(lake.path) as visitor:
        yield visitor


def test_every_report_is_listed_and_a_torn_one_says_so(visitor: Visitor) -> None:
    known = {report["name"]: report for report in visitor.get("/api/v1/reports").json}
    assert known.keys() >= {"weekly", "billing", "clocks", "top-users", "own", "torn"}
    assert (known["own"]["title"], known["own"]["sections"]) == ("Mine <today>", ["Sources"])
    assert known["own"]["schedule"] == {"to": ["boss@example.com"], "every": "monday", "at": "06:00"}
    assert "torn.toml" in known["torn"]["problem"]


def test_a_report_is_a_page_in_which_nothing_runs(visitor: Visitor) -> None:
    reply = visitor.get("/api/v1/report/own")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert b"Mine &lt;today&gt;" in reply.body
    assert b"7.00 kB" in reply.body
    policy = reply.headers["content-security-policy"]
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")
    assert policy.endswith("sandbox")


def test_a_suffix_gives_it_as_a_file(visitor: Visitor) -> None:
    reply = visitor.get("/api/v1/report/own.csv")
    assert reply.body.splitlines()[:3] == [b'"Sources"', b"src_addr,bytes", b"10.0.0.1,7000"]
    assert "tidegauge-report.csv" in reply.headers["content-disposition"]


def test_another_period_is_asked_for(visitor: Visitor) -> None:
    [section] = visitor.get("/api/v1/report/own.json", period="last month").json
    assert section["data"] == []


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/api/v1/report/dayly", 404, "no report 'dayly'"),
        ("/api/v1/report/own?period=some+day", 400, "'some day' is no period"),
        ("/api/v1/report/own?perod=today", 400, "perod"),
        ("/api/v1/report/torn", 400, "torn.toml"),
    ],
)
def test_what_cannot_be_made_is_a_problem(visitor: Visitor, path: str, status: int, told: str) -> None:
    reply = visitor.get(path)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert told in reply.json["detail"]
