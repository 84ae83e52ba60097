from __future__ import annotations

import re

import pytest

from tests.web.visitor import Visitor
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


def test_a_clock_is_told_with_its_bounds(text: str) -> None:
    labels = 'exporter="192.0.2.1",observation_domain="1"'
    found = {
        side: float(line.split()[-1])
        for side in ("low_", "", "high_")
        for line in text.splitlines()
        if line.startswith(f"tidegauge_exporter_clock_offset_{side}seconds{{{labels}}}")
    }
    assert found["low_"] <= found[""] <= found["high_"]
    assert f"tidegauge_exporter_clock_corrected{{{labels}}} 0\n" in text
