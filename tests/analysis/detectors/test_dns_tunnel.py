from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.traffic import Flow, activity_of, both_ways, flows_of
from tidegauge.analysis.detectors.dns_tunnel import DnsTunnel
from tidegauge.analysis.finding import Finding, Severity

LAPTOP, RESOLVER = "10.1.2.17", "10.0.0.53"


def questions(count: int, size: int, seconds: float = 36, client: str = LAPTOP) -> list[Flow]:
    """Questions and their answers, each from a port of its own."""
    return [
        flow
        for n in range(count)
        for flow in both_ways(
            Flow(client, RESOLVER, 20_000 + n, 53, 17, None, 1, size, n * seconds / count), 1, size + 90
        )
    ]


def found(path: Path, flows: Iterable[Flow]) -> list[Finding]:
    with activity_of(path / "lake", flows) as activity:
        return DnsTunnel().find(activity)


def test_data_in_names_as_iodine_sends_it(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, questions(1158, 295) + questions(500, 70, client="10.1.2.18"))
    assert finding.sentence == (
        "10.1.2.17 asked 10.0.0.53 for 1,158 names within 36 seconds, 295 bytes each: "
        "names that long may carry data."
    )
    assert (finding.severity, finding.count) == (Severity.MEDIUM, 1158)
    assert flows_of(tmp_path / "lake", finding.evidence) == 1158


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(questions(5000, 75), id="many names"),
        pytest.param(questions(150, 400), id="a few long ones"),
        pytest.param(questions(1000, 295, seconds=80_000), id="over a day"),
    ],
)
def test_everyday_questions_are_none(tmp_path: Path, flows: list[Flow]) -> None:
    assert found(tmp_path, flows) == []
