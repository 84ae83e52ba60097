"""What counts as an unusual upload, and what an office sends every day."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.sample_lake import SECOND
from tests.traffic import DAY, SINCE, WHOLE, Flow, activity_of, both_ways, bytes_of
from tidegauge.analysis.detectors.upload import Upload, UploadSettings
from tidegauge.analysis.finding import Finding, Severity

LAPTOP, COLLEAGUE, AWAY, CLOUD = "10.1.2.17", "10.1.2.18", "198.51.100.7", "52.218.88.10"
MEGABYTE, GIGABYTE = 1_000_000, 1_000_000_000
NIGHT = 18 * 3600  # the range begins at nine in the morning


def sending(
    up: int, down: int, start: float, source: str = LAPTOP, target: str = AWAY, port: int = 443
) -> list[Flow]:
    """A transfer of 25 minutes, in a slice a minute."""
    return [
        flow
        for n in range(25)
        for flow in both_ways(
            Flow(source, target, 50_000, port, 6, WHOLE, up // 25 // 1400, up // 25, start + 60 * n, 59.5),
            max(1, down // 25 // 60),
            down // 25,
        )
    ]


def past_days(up: int = 100 * MEGABYTE, source: str = LAPTOP, target: str = CLOUD) -> list[Flow]:
    """A week in which somebody sent as much every day."""
    return [flow for day in range(-7, 0) for flow in sending(up, up // 50, day * DAY, source, target)]


def found(path: Path, flows: Iterable[Flow]) -> list[Finding]:
    with activity_of(path / "lake", flows) as activity:
        return Upload().find(activity)


def test_two_gigabytes_at_three_in_the_night(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, past_days() + sending(2 * GIGABYTE, 12 * MEGABYTE, NIGHT))
    assert finding.sentence == (
        "10.1.2.17 sent 2.0 GB to 198.51.100.7 within 25 minutes and got 12 MB back. "
        "The office does not send there, and the largest of its 7 days of history had 100 MB."
    )
    assert (finding.severity, finding.actor, finding.count) == (Severity.HIGH, LAPTOP, 2 * GIGABYTE)
    assert finding.first_seen == SINCE + NIGHT * SECOND


def test_the_evidence_is_exactly_what_was_sent(tmp_path: Path) -> None:
    noise = sending(10 * MEGABYTE, MEGABYTE, NIGHT + 7200) + sending(
        10 * MEGABYTE, MEGABYTE, NIGHT, COLLEAGUE
    )
    parts = [
        *sending(GIGABYTE, MEGABYTE, NIGHT),
        *sending(GIGABYTE, MEGABYTE, NIGHT + 60, target="198.51.7.7"),
    ]
    (finding,) = found(tmp_path, past_days() + parts + noise[25 * 2 :])
    assert finding.evidence.filter == "src_addr = 10.1.2.17 and dst_addr = 198.51.0.0/16"
    assert finding.targets == ("198.51.7.7", AWAY)
    assert bytes_of(tmp_path / "lake", finding.evidence) == finding.count == 2 * GIGABYTE


def test_to_an_address_of_ipv6(tmp_path: Path) -> None:
    flows = past_days() + sending(GIGABYTE, MEGABYTE, NIGHT, target="2a03:2880::1")
    flows += sending(GIGABYTE, MEGABYTE, NIGHT, target="2a03:2880:ffff::1")
    (finding,) = found(tmp_path, flows)
    assert finding.evidence.filter == "src_addr = 10.1.2.17 and dst_addr = 2a03:2880::/32"
    assert bytes_of(tmp_path / "lake", finding.evidence) == finding.count == 2 * GIGABYTE


def test_a_lake_too_young_to_judge_tells_the_very_large_and_says_so(tmp_path: Path) -> None:
    flows = sending(2 * GIGABYTE, MEGABYTE, NIGHT) + sending(600 * MEGABYTE, MEGABYTE, 0, COLLEAGUE)
    (finding,) = found(tmp_path, flows)
    assert finding.sentence.endswith("With 0 days of history nobody can say whether that is usual for it.")
    assert (finding.actor, finding.severity, finding.confidence) == (LAPTOP, Severity.MEDIUM, 0.3)


def test_a_nightly_copy_of_a_young_lake_is_told_once(tmp_path: Path) -> None:
    first = sending(2 * GIGABYTE, 12 * MEGABYTE, NIGHT)
    assert len(found(tmp_path / "first", first)) == 1
    second = sending(2 * GIGABYTE, 12 * MEGABYTE, NIGHT - DAY)
    assert found(tmp_path / "second", [*second, *first]) == []
    assert (
        len(found(tmp_path / "elsewhere", [*sending(2 * GIGABYTE, 0, NIGHT - DAY, target=CLOUD), *first]))
        == 1
    )


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(
            past_days(12 * GIGABYTE) + sending(13 * GIGABYTE, MEGABYTE, NIGHT, target="52.218.7.7"),
            id="the nightly backup, to another address of the same cloud",
        ),
        pytest.param(
            past_days(source=COLLEAGUE)
            + past_days(target=AWAY)
            + sending(GIGABYTE, MEGABYTE, NIGHT, target=CLOUD),
            id="to where a colleague sends",
        ),
        pytest.param(
            past_days(3 * GIGABYTE) + sending(2 * GIGABYTE, MEGABYTE, NIGHT),
            id="less than on its largest day",
        ),
        pytest.param(past_days() + sending(GIGABYTE, 300 * MEGABYTE, NIGHT), id="a long meeting"),
        pytest.param(
            past_days() + sending(2 * GIGABYTE, MEGABYTE, NIGHT, target="10.9.9.9"), id="within the office"
        ),
        pytest.param(
            past_days() + sending(MEGABYTE, 2 * GIGABYTE, NIGHT, source=AWAY, target=LAPTOP),
            id="fetched from outside",
        ),
        pytest.param(past_days() + sending(UploadSettings().minimum_bytes - 25, 0, NIGHT), id="too little"),
    ],
)
def test_everyday_uploads_are_none(tmp_path: Path, flows: list[Flow]) -> None:
    assert found(tmp_path, flows) == []
