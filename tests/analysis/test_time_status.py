from __future__ import annotations

from pathlib import Path

from tests.analysis.test_time_service import asker, keep, record
from tests.sample_lake import NOON, SECOND
from tidegauge.analysis.time_status import time_status
from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import JudgementWriter


def test_our_clock_its_judges_and_who_passes_it_on_are_told(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path)
    assert time_status(lake, Query(), NOON).data == []
    source = SourceJudgement(server="ntp://a", state="good", low=-1000, high=3000, stratum=2)
    judged = ClockJudgement(
        at=NOON - 5, judge="sources", low=-1000, high=3000, sources=(source,), leap="insert"
    )
    JudgementWriter(lake).append(judged)
    keep(lake, record(asker("10.0.0.1"), asker("10.0.0.2", last=9999)))
    answer = time_status(lake, Query(), NOON + SECOND)
    assert [(row["role"], row["clock"], row["state"], row["bound_seconds"]) for row in answer.data] == [
        ("own", "this machine", "synchronised", 3e-6),
        ("source", "ntp://a", "good", 3e-6),
        ("server", "udp://0.0.0.0:123", "serving", 0.002),
    ]
    assert answer.data[2]["note"] == "clients: 1 ask, 1 stopped"
    assert answer.data[0]["note"] == "servers announce a leap second: the last minute of a day has 61 seconds"
    assert [column["name"] for column in answer.columns] == list(answer.data[2])


def test_a_server_that_nobody_should_trust_is_not_synchronised(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path)
    keep(lake, record(stratum=16))
    [row] = time_status(lake, Query(), NOON).data
    assert (row["state"], row["synchronised"], row["note"]) == ("unsynchronised", False, "clients: none yet")
