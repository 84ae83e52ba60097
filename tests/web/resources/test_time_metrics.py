from __future__ import annotations

from pathlib import Path

from tests.analysis.test_time_service import asker, keep, record
from tests.sample_lake import NOON, SECOND, make_lake
from tests.web.conftest import FLOWS, LEDGER, NOW, running
from tests.web.visitor import Visitor
from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.store.own_clock import JudgementWriter


def test_what_does_not_run_is_not_told(visitor: Visitor) -> None:
    text = visitor.get("/metrics").body.decode()
    assert "own_clock" not in text
    assert "time_server" not in text


def test_the_collectors_own_clock_and_its_servers_are_told(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", FLOWS, LEDGER)
    good = SourceJudgement(
        server="ntp://a", state="good", low=-1000, high=3000, delay=4_000_000, reach=0b1011
    )
    silent = SourceJudgement(server="ntp://b", state="unreachable")
    judged = ClockJudgement(at=NOW - 5, judge="sources", low=-1000, high=3000, sources=(good, silent))
    JudgementWriter(lake).append(judged)
    with running(lake.path) as visitor:
        text = visitor.get("/metrics").body.decode()
    assert 'tidegauge_own_clock_synchronised{judge="sources"} 1\n' in text
    assert "tidegauge_own_clock_bound_seconds 3e-06\n" in text
    assert 'tidegauge_time_source_good{server="ntp://a"} 1\n' in text
    assert 'tidegauge_time_source_good{server="ntp://b"} 0\n' in text
    assert 'tidegauge_time_source_offset_seconds{server="ntp://a"} 1e-06\n' in text
    assert 'tidegauge_time_source_delay_seconds{server="ntp://a"} 0.004\n' in text
    assert 'tidegauge_time_source_reach{server="ntp://a"} 3\n' in text
    assert 'offset_seconds{server="ntp://b"}' not in text


def test_the_server_beside_the_collector_is_told(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", FLOWS, LEDGER)
    keep(lake, record(asker("10.0.0.7"), asker("10.0.0.8", last=9999)))
    with running(lake.path) as visitor:
        text = visitor.get("/metrics").body.decode()
    assert "tidegauge_time_server_synchronised 1\n" in text
    assert "tidegauge_time_server_stratum 3\n" in text
    assert "tidegauge_time_server_root_dispersion_seconds 0.002\n" in text
    assert f"tidegauge_time_server_start_timestamp_seconds {(NOON - 86_400 * SECOND) / 1e9}\n" in text
    assert 'tidegauge_time_server_clients{state="asks"} 1\n' in text
    assert 'tidegauge_time_server_clients{state="stopped"} 1\n' in text
    assert 'tidegauge_time_server_events_total{event="answered"} 18\n' in text
    assert "10.0.0.7" not in text
