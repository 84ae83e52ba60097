from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tests.web.conftest import FLOWS, LEDGER, NOW, running
from tests.web.visitor import Visitor
from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.store.own_clock import JudgementWriter
from tidegauge.web.resources import metrics

LINE = re.compile(r'tidegauge_[a-z_]+(\{([a-z_]+="(\\.|[^"\\])*",?)+\})? -?[0-9.e+]+')


@pytest.fixture
def text(visitor: Visitor) -> str:
    reply = visitor.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return reply.body.decode()


def test_every_line_is_prometheus_text(text: str) -> None:
    assert [
        line for line in text.splitlines() if not line.startswith("# ") and not LINE.fullmatch(line)
    ] == []


def test_every_family_says_what_it_is_before_its_samples(text: str) -> None:
    typed = set()
    for line in text.splitlines():
        if line.startswith("# TYPE"):
            typed.add(line.split()[2])
        elif not line.startswith("#"):
            assert re.split(r"\W", line)[0] in typed


def test_counters_are_totals_by_exporter(text: str) -> None:
    labels = 'exporter="192.0.2.1",observation_domain="1",protocol_version="ipfix"'
    assert f"tidegauge_records_total{{{labels}}} 2\n" in text
    assert "tidegauge_flows_stored 3\n" in text


def test_no_flow_address_is_a_label(text: str) -> None:
    assert "10.0.0.1" not in text
    assert "203.0.113.9" not in text


def test_exporters_beyond_the_limit_share_a_label(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MAXIMUM_EXPORTERS", 1)
    text = visitor.get("/metrics").body.decode()
    assert (
        'tidegauge_records_total{exporter="other",observation_domain="other",protocol_version="ipfix"} 1\n'
        in text
    )
    assert "192.0.2.2" not in text


def test_a_clock_that_nobody_judged_is_not_told(text: str) -> None:
    assert "own_clock" not in text


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


def test_a_clock_is_told_with_its_bounds(text: str) -> None:
    labels = 'exporter="192.0.2.1",observation_domain="1"'
    found = {
        side: float(line.split()[-1])
        for side in ("low_", "", "high_")
        for line in text.splitlines()
        if line.startswith(f"tidegauge_exporter_clock_offset_{side}seconds{{{labels}}}")
    }
    assert found["low_"] <= found[""] <= found["high_"]
