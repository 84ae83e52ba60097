"""What counts as trying passwords, what as having found one, and what is everyday work."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.sample_lake import SECOND
from tests.traffic import DAY, SINCE, WHOLE, Flow, activity_of, both_ways, flows_of
from tidegauge.analysis.detectors.brute_force import BruteForce, BruteForceSettings
from tidegauge.analysis.finding import Finding, Severity

OUTSIDE, INSIDE, SERVER = "198.51.100.7", "10.1.2.17", "10.0.0.5"
TRIES = BruteForceSettings().tries


def attempt(
    second: float, number: int, source: str = OUTSIDE, target: str = SERVER, port: int = 22
) -> list[Flow]:
    """One password tried over SSH, as hydra does: 15 packets, 3,058 bytes, 0.41 s."""
    up = Flow(source, target, 40_000 + number, port, 6, WHOLE, 15, 3058 + number % 7, second, 0.41)
    return both_ways(up, 13, 2900)


def hydra(tries: int = 40, start: float = 0, **ends: str | int) -> list[Flow]:
    """Passwords at the pace of hydra: 40 in 33 seconds."""
    return [flow for n in range(tries) for flow in attempt(start + n * 33 / 40, n, **ends)]  # type: ignore[arg-type]


def long_session(second: float, minutes: int, source: str = OUTSIDE, port: int = 22) -> list[Flow]:
    """A session cut into a slice a minute by the active timeout."""
    return [
        Flow(source, SERVER, 50_001, port, 6, 0x18, 200, 40_000, second + 60 * n, 59.5)
        for n in range(minutes)
    ]


def found(path: Path, flows: Iterable[Flow], seconds: float = DAY) -> list[Finding]:
    with activity_of(path / "lake", flows, seconds) as activity:
        return BruteForce().find(activity)


def test_passwords_tried_one_after_the_other(tmp_path: Path) -> None:
    flows = hydra()
    (finding,) = found(tmp_path, flows)
    assert finding.sentence == "198.51.100.7 began 40 short sessions to SSH at 10.0.0.5 within 33 seconds."
    assert (finding.severity, finding.count, finding.technique) == (Severity.LOW, 40, "T1110.001")
    assert finding.evidence.filter == (
        "src_addr = 198.51.100.7 and protocol = 6 and dst_port = 22 and dst_addr = 10.0.0.5"
    )


def test_a_long_session_after_it_is_worse(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, hydra() + long_session(40, minutes=12))
    assert finding.title == "Passwords tried, then a long session"
    assert finding.sentence == (
        "198.51.100.7 began 40 short sessions to SSH at 10.0.0.5 within 33 seconds, "
        "and one that lasted 12 minutes and sent 480 kB: somebody may have got in."
    )
    assert finding.severity is Severity.HIGH
    assert finding.count == 40


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(hydra(), id="tries alone"),
        pytest.param(hydra() + long_session(40, minutes=12), id="with what came of it"),
        pytest.param(hydra(source=INSIDE, port=3389), id="from inside"),
    ],
)
def test_the_evidence_is_exactly_the_flows_behind_it(tmp_path: Path, flows: list[Flow]) -> None:
    noise = [
        *attempt(2000, 1),
        *hydra(3, source="198.51.100.8"),
        *[Flow(OUTSIDE, SERVER, 40_001, 443, 6, WHOLE, 15, 3058, 5)],
    ]
    (finding,) = found(tmp_path, flows + noise)
    asked = [flow for flow in flows if flow.dst_addr == SERVER]
    assert flows_of(tmp_path / "lake", finding.evidence) == len(asked)


def test_many_sources_that_each_try_a_little(tmp_path: Path) -> None:
    flows = [
        flow for n in range(150) for flow in attempt(n * 1.5, n, source=f"203.0.113.{n % 15 + 1}", port=3389)
    ]
    (finding,) = found(tmp_path, flows)
    assert finding.sentence == (
        "15 addresses together began 150 short sessions to remote desktop at 10.0.0.5 within 4 minutes."
    )
    assert (finding.actor, finding.severity) == (SERVER, Severity.MEDIUM)
    assert flows_of(tmp_path / "lake", finding.evidence) == finding.count


def test_one_source_at_many_hosts(tmp_path: Path) -> None:
    flows = [
        flow
        for n in range(60)
        for flow in attempt(n, n, source=INSIDE, target=f"10.0.0.{n % 20 + 1}", port=445)
    ]
    (finding,) = found(tmp_path, flows)
    assert finding.sentence == "10.1.2.17 began 60 short sessions to SMB at 20 addresses within 60 seconds."
    assert (finding.severity, finding.technique) == (Severity.HIGH, "T1110.003")


def test_ports_used_again_hours_later_are_no_long_session(tmp_path: Path) -> None:
    findings = found(tmp_path, hydra() + hydra(start=7200))
    assert [finding.severity for finding in findings] == [Severity.LOW, Severity.LOW]
    assert len({finding.fingerprint for finding in findings}) == 1


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(hydra(TRIES - 1), id="one try too few"),
        pytest.param([f for n in range(200) for f in attempt(n * 20, n)], id="slower than the threshold"),
        pytest.param(long_session(0, minutes=600), id="one long session in many slices"),
        pytest.param(
            [Flow(OUTSIDE, SERVER, 40_000 + n, 22, 6, 0x02, 1, 60, n / 10) for n in range(300)],
            id="knocks that nobody answers",
        ),
        pytest.param(
            [Flow(INSIDE, SERVER, 40_000 + n, 22, 6, WHOLE, 15, 1500 + 170 * n, n) for n in range(60)],
            id="sessions of very different sizes",
        ),
        pytest.param([f for n in range(300) for f in attempt(n, n, port=443)], id="a web server's visitors"),
    ],
)
def test_everyday_traffic_is_no_attack(tmp_path: Path, flows: list[Flow]) -> None:
    assert found(tmp_path, flows) == []


def test_what_a_machine_inside_does_every_day_is_its_work(tmp_path: Path) -> None:
    days = [flow for day in (-3, -2, 0) for flow in hydra(start=day * DAY, source=INSIDE)]
    assert found(tmp_path, days) == []
    assert len(found(tmp_path / "new", [flow for flow in days if flow.second >= -2 * DAY])) == 1


def test_what_somebody_outside_does_every_day_is_still_told(tmp_path: Path) -> None:
    days = [flow for day in (-3, -2, 0) for flow in hydra(start=day * DAY)]
    (finding,) = found(tmp_path, days)
    assert finding.first_seen == SINCE
    assert finding.last_seen < SINCE + 40 * SECOND


def web_tries(count: int, target: str = SERVER, size: int = 600) -> list[Flow]:
    """Sessions to a web server, five a second, each as large as the last."""
    return [
        flow
        for n in range(count)
        for flow in both_ways(Flow(INSIDE, target, 10_000 + n, 443, 6, WHOLE, 8, size, n / 5, 0.1), 8, 900)
    ]


def test_a_page_that_asks_for_a_password(tmp_path: Path) -> None:
    elsewhere = web_tries(300, target=OUTSIDE)
    (finding,) = found(tmp_path, web_tries(500) + elsewhere)
    assert finding.sentence == "10.1.2.17 began 500 short sessions to HTTPS at 10.0.0.5 within 100 seconds."
    assert flows_of(tmp_path / "lake", finding.evidence) == 500


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(web_tries(BruteForceSettings().web_tries - 1), id="too few"),
        pytest.param(web_tries(600, target=OUTSIDE), id="somebody else's server"),
        pytest.param(
            [flow for size in (300, 2000, 9000) for flow in web_tries(200, size=size)], id="of all sizes"
        ),
    ],
)
def test_much_that_is_no_password_goes_to_the_web(tmp_path: Path, flows: list[Flow]) -> None:
    assert found(tmp_path, flows) == []
