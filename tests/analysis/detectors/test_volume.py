"""What counts as far above one's own history."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.sample_lake import SECOND
from tests.traffic import DAY, SINCE, WHOLE, Flow, activity_of, both_ways, bytes_of
from tidegauge.analysis.detectors.volume import Volume
from tidegauge.analysis.finding import Finding, Severity

LAPTOP, AWAY = "10.1.2.17", "198.51.100.7"
MEGABYTE, GIGABYTE = 1_000_000, 1_000_000_000
HOUR = 3600


def loading(down: int, start: float) -> list[Flow]:
    """A download of six minutes, in a slice a minute."""
    return [
        flow
        for n in range(6)
        for flow in both_ways(
            Flow(LAPTOP, AWAY, 50_000, 443, 6, WHOLE, 100, down // 6 // 100, start + 60 * n, 59),
            1000,
            down // 6,
        )
    ]


def past(days: Iterable[int], down: int = 90 * MEGABYTE, second: int = 0) -> list[Flow]:
    """Earlier days with a download at the same time of the day."""
    return [flow for day in days for flow in loading(down, second - day * DAY)]


def found(path: Path, flows: Iterable[Flow], hours: float = 24) -> list[Finding]:
    with activity_of(path / "lake", flows, hours * HOUR) as activity:
        return Volume().find(activity)


def test_an_hour_far_above_the_past(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, past(range(1, 15)) + loading(6 * GIGABYTE, 0))
    assert finding.sentence == (
        "10.1.2.17 sent 60 MB and got 6.0 GB within an hour. Usual for it at that time are 91 MB an hour; "
        "its largest hour in 14 days of history had 91 MB."
    )
    assert (finding.severity, finding.first_seen) == (Severity.MEDIUM, SINCE)


def test_hours_without_a_pause_are_one(tmp_path: Path) -> None:
    flows = past(range(1, 8)) + [f for hour in (2, 3, 5) for f in loading(6 * GIGABYTE, hour * HOUR)]
    findings = found(tmp_path, flows)
    assert [(it.last_seen + 1 - it.first_seen) // SECOND // HOUR for it in findings] == [2, 1]
    assert len({finding.fingerprint for finding in findings}) == 1


def test_the_evidence_is_exactly_the_traffic_of_the_hours(tmp_path: Path) -> None:
    inside = Flow(LAPTOP, "10.0.0.9", 50_001, 445, 6, WHOLE, 9, 9 * GIGABYTE, 30)
    flows = [*past(range(1, 8)), *loading(6 * GIGABYTE, 0), *loading(50 * MEGABYTE, HOUR), inside]
    (finding,) = found(tmp_path, flows, hours=1.5)
    assert bytes_of(tmp_path / "lake", finding.evidence) == finding.count
    assert finding.evidence.filter == "addr = 10.1.2.17 and (bytes_up > 0 or bytes_down > 0)"


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(loading(6 * GIGABYTE, 0), id="a new host in a new lake"),
        pytest.param(past(range(1, 5)) + loading(6 * GIGABYTE, 0), id="four days of history"),
        pytest.param(
            past(range(1, 15), 2 * GIGABYTE) + loading(5 * GIGABYTE, 0), id="a little above the usual"
        ),
        pytest.param(
            past(range(1, 15)) + past([7], 8 * GIGABYTE, 5 * HOUR) + loading(6 * GIGABYTE, 0),
            id="below the largest hour of the past",
        ),
        pytest.param(past(range(1, 15)) + loading(900 * MEGABYTE, 0), id="not much"),
        pytest.param(
            past([7, 14, 21, 28], 6 * GIGABYTE) + past(range(1, 7)) + loading(6 * GIGABYTE, 0), id="weekly"
        ),
    ],
)
def test_what_history_explains_is_nothing(tmp_path: Path, flows: list[Flow]) -> None:
    assert found(tmp_path, flows) == []


def test_a_host_that_came_yesterday_is_left_alone_in_an_old_lake(tmp_path: Path) -> None:
    others = [Flow("10.1.2.18", AWAY, 50_000, 443, 6, WHOLE, 9, 900, -day * DAY) for day in range(1, 20)]
    assert found(tmp_path, others + past([1]) + loading(6 * GIGABYTE, 0)) == []
