from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from tests.traffic import DAY, WHOLE, Flow, activity_of, both_ways, flows_of
from tidegauge.analysis.detectors.beacon import Beacon
from tidegauge.analysis.finding import Finding, Severity

LAPTOP, AWAY = "10.1.2.17", "198.51.100.7"


def calls(
    interval: float = 60,
    count: int = 60,
    jitter: float = 0.1,
    client: str = LAPTOP,
    port: int = 443,
    start: float = 0,
) -> list[Flow]:
    """Connections at intervals that vary by ``jitter`` of their length."""
    random = Random(1)
    second, flows = start, []
    for n in range(count):
        up = Flow(client, AWAY, 40_000 + n, port, 6, WHOLE, 8, 900 + random.randrange(50), second, 0.5)
        flows += both_ways(up, 7, 1500)
        second += interval * random.uniform(1 - jitter, 1 + jitter)
    return flows


def found(path: Path, flows: Iterable[Flow]) -> list[Finding]:
    with activity_of(path / "lake", flows) as activity:
        return Beacon().find(activity)


def test_calls_at_even_intervals(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, calls())
    assert finding.sentence == (
        "10.1.2.17 called 198.51.100.7 60 times within 61 minutes, every 62 seconds and 926 bytes each; "
        "hardly anybody else here does."
    )
    assert (finding.severity, finding.count) == (Severity.LOW, 60)
    assert flows_of(tmp_path / "lake", finding.evidence) == 60


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(calls(jitter=0.9), id="intervals left to chance"),
        pytest.param(calls(count=19), id="too few"),
        pytest.param(calls(interval=2, count=1000), id="a program at work"),
        pytest.param(calls(port=123), id="the time"),
        pytest.param(
            [f for n in range(3) for f in calls(client=f"10.1.2.{n + 1}")], id="what everybody calls"
        ),
        pytest.param([f for day in range(-3, 1) for f in calls(start=day * DAY)], id="known for days"),
        pytest.param(
            [Flow(LAPTOP, AWAY, 40_000, 443, 6, 0x18, 20, 900, 60 * n, 59.5) for n in range(100)],
            id="one connection in many slices",
        ),
        pytest.param(
            [
                Flow(LAPTOP, AWAY, 40_000 + n, 443, 6, WHOLE, 20, 900 * 4 ** (n % 3), 60 * n)
                for n in range(100)
            ],
            id="of very different sizes",
        ),
    ],
)
def test_everyday_calls_are_none(tmp_path: Path, flows: list[Flow]) -> None:
    assert found(tmp_path, flows) == []
