"""What breaks a rule, and what does not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.sample_lake import SECOND
from tests.traffic import DAY, SINCE, SYN, WHOLE, Flow, both_ways, flows_of, lake_of
from tidegauge.analysis.activity import Activity
from tidegauge.analysis.detectors.policy import PolicySettings, PolicyViolation
from tidegauge.analysis.finding import Finding, Severity
from tidegauge.analysis.policy import PolicyError

LAPTOP, PRINTER, SERVER, AWAY = "10.1.2.17", "10.0.0.9", "10.0.0.5", "198.51.100.7"
NO_TELNET = """
[[rule]]
name = "No telnet"
action = "deny"
ports = 23
severity = "high"
why = "It sends passwords as they are typed."
"""


def session(
    client: str, server: str, port: int, second: float = 0, protocol: int = 6, near: int = 50_000
) -> list[Flow]:
    flags = WHOLE if protocol == 6 else None
    return both_ways(Flow(client, server, near, port, protocol, flags, 10, 1000, second, 5), 12, 9000)


def found(
    path: Path, policy: str, flows: Iterable[Flow], detector: PolicyViolation | None = None
) -> list[Finding]:
    lake = lake_of(path / "lake", flows)
    (lake.path / "policy.toml").write_text(policy)
    with lake.generation() as generation, Activity(lake, generation, SINCE, SINCE + DAY * SECOND) as activity:
        return (detector or PolicyViolation()).find(activity)


def broken(path: Path, policy: str, flows: Iterable[Flow]) -> list[tuple[str, str, int]]:
    return [(it.title.partition(": ")[2], it.actor, it.count) for it in found(path, policy, flows)]


def test_a_rule_broken_is_told_in_its_own_words(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, NO_TELNET, session(LAPTOP, SERVER, 23) + session(LAPTOP, SERVER, 22))
    assert finding.title == "Not allowed: No telnet"
    assert finding.sentence == (
        "10.1.2.17 reached TCP port 23 of 10.0.0.5 (1 flow, 10 kB). It sends passwords as they are typed."
    )
    assert (finding.severity, finding.actor, finding.targets) == (Severity.HIGH, LAPTOP, (SERVER,))


def test_no_policy_is_no_violation(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", session(LAPTOP, SERVER, 23))
    with lake.generation() as generation, Activity(lake, generation, SINCE, SINCE + SECOND) as activity:
        assert PolicyViolation().find(activity) == []


def test_one_finding_for_a_rule_a_source_and_a_port(tmp_path: Path) -> None:
    flows = [
        f for n in range(30) for f in session(LAPTOP, f"10.0.0.{n % 3 + 1}", 23, 600 * n, near=50_000 + n)
    ]
    flows += session("10.1.2.18", SERVER, 23) + session(LAPTOP, SERVER, 443)
    first, second = found(tmp_path, NO_TELNET, flows)
    assert (first.count, second.count) == (30, 1)
    assert first.sentence.startswith("10.1.2.17 reached TCP port 23 of 3 addresses (30 flows, 300 kB).")
    assert first.evidence.filter.endswith("dst_addr in [10.0.0.1, 10.0.0.2, 10.0.0.3]")
    for finding in (first, second):
        assert flows_of(tmp_path / "lake", finding.evidence) == finding.count


def test_hosts_too_many_to_name_are_not_named(tmp_path: Path) -> None:
    flows = [f for n in range(3) for f in session(LAPTOP, f"10.0.0.{n + 1}", 23)]
    (finding,) = found(tmp_path, NO_TELNET, flows, PolicyViolation(PolicySettings(most_targets=2)))
    assert finding.evidence.filter == "src_addr = 10.1.2.17 and protocol = 6 and dst_port = 23"


def test_the_first_rule_that_fits_decides(tmp_path: Path) -> None:
    policy = """
        [[rule]]
        name = "The administrator may"
        action = "allow"
        from = "10.1.2.18"
        ports = [22, 23]
        [[rule]]
        name = "No shells in the server room"
        action = "deny"
        to = "10.0.0.0/24"
        ports = "22-23"
    """
    flows = session(LAPTOP, SERVER, 22) + session("10.1.2.18", SERVER, 22) + session(LAPTOP, AWAY, 22)
    assert broken(tmp_path, policy, flows) == [("No shells in the server room", LAPTOP, 1)]


@pytest.mark.parametrize(
    ("ends", "actors"),
    [
        ('from = "home"\nto = "outside"', [LAPTOP]),
        ('from = "outside"\nto = "home"', [AWAY]),
        ('from = "home"\nto = "home"', [PRINTER]),
        ('from = "not net 10.1.2.0/24"', [AWAY, PRINTER]),
        ('from = ["@printers", "198.51.100.0/24"]', [AWAY, PRINTER]),
        ('from = "net 10.0.0.0/8 and not @printers"', [LAPTOP]),
        ('to = "any"', [AWAY, LAPTOP, PRINTER]),
    ],
)
def test_ends_are_told_by_place_network_or_macro(tmp_path: Path, ends: str, actors: list[str]) -> None:
    policy = f'[macros]\nprinters = "host {PRINTER}"\n[[rule]]\nname = "x"\naction = "deny"\n{ends}\n'
    flows = session(LAPTOP, AWAY, 443) + session(AWAY, SERVER, 443) + session(PRINTER, SERVER, 443)
    assert sorted(actor for _, actor, _ in broken(tmp_path, policy, flows)) == sorted(actors)


@pytest.mark.parametrize(
    ("ports", "doors"),
    [
        ("22", ["TCP port 22", "UDP port 22"]),
        ('"tcp/22"', ["TCP port 22"]),
        ('["udp/20-30", "tcp/443"]', ["TCP port 443", "UDP port 22"]),
        ('"icmp"', ["ICMP"]),
        ('"udp"', ["UDP port 22"]),
    ],
)
def test_ports_are_told_by_number_range_and_protocol(tmp_path: Path, ports: str, doors: list[str]) -> None:
    policy = f'[[rule]]\nname = "x"\naction = "deny"\nports = {ports}\n'
    ping = [Flow(LAPTOP, SERVER, 0, 2048, 1, None, 5, 420), Flow(SERVER, LAPTOP, 0, 0, 1, None, 5, 420)]
    flows = (
        session(LAPTOP, SERVER, 22)
        + session(LAPTOP, SERVER, 22, protocol=17)
        + session(LAPTOP, SERVER, 443)
        + ping
    )
    findings = found(tmp_path, policy, flows)
    assert sorted(it.sentence.split(" reached ")[1].split(" of ")[0] for it in findings) == doors
    for finding in findings:
        assert flows_of(tmp_path / "lake", finding.evidence) == finding.count


def test_hours_are_those_of_the_office(tmp_path: Path) -> None:
    policy = """
        time_zone = "Europe/Berlin"
        [[rule]]
        name = "Work"
        action = "allow"
        when = "Mon-Fri 08:00-18:00"
        [[rule]]
        name = "Nothing at night"
        action = "deny"
        from = "home"
    """
    # The range begins on a Thursday at 11:00 in Berlin.
    flows = [f for hour in (0, 6.9, 7.1, 20, 20.9, 21.1) for f in session(LAPTOP, AWAY, 443, hour * 3600)]
    (finding,) = found(tmp_path, policy, flows)
    assert finding.count == 3
    assert flows_of(tmp_path / "lake", finding.evidence) == 3


def test_what_holds_again_the_next_night_is_another_finding_of_the_same_fingerprint(tmp_path: Path) -> None:
    policy = '[[rule]]\nname = "x"\naction = "deny"\nwhen = ["10:00-10:30", "12:00-12:30"]\n'
    flows = [f for hour in (0.5, 1.1, 2, 3.2) for f in session(LAPTOP, AWAY, 443, hour * 3600)]
    findings = found(tmp_path, policy, flows)
    assert [it.count for it in findings] == [1, 1]
    assert [flows_of(tmp_path / "lake", it.evidence) for it in findings] == [1, 1]
    assert len({it.fingerprint for it in findings}) == 1


def test_what_no_rule_fits_can_be_denied(tmp_path: Path) -> None:
    policy = 'default = "deny"\n[[rule]]\nname = "Web"\naction = "allow"\nports = [80, 443]\n'
    flows = session(LAPTOP, AWAY, 443) + session(LAPTOP, AWAY, 6667)
    assert broken(tmp_path, policy, flows) == [("No rule allows it", LAPTOP, 1)]


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param([Flow(LAPTOP, SERVER, 50_000, 23, 6, SYN, 3, 180)], id="a knock without an answer"),
        pytest.param(
            [Flow(LAPTOP, SERVER, 50_000, 23, 6, SYN), Flow(SERVER, LAPTOP, 23, 50_000, 6, 0x14, 1, 40)],
            id="a knock refused",
        ),
        pytest.param(session(SERVER, LAPTOP, 23), id="an answer to somebody who asked"),
        pytest.param([Flow(LAPTOP, SERVER, 50_000, 23, 17, None, 9, 900)], id="UDP that nobody answers"),
    ],
)
def test_what_was_not_reached_breaks_no_rule(tmp_path: Path, flows: list[Flow]) -> None:
    policy = NO_TELNET.replace("ports = 23", f'ports = 23\nfrom = "{LAPTOP}"')
    assert found(tmp_path, policy, flows) == []


def test_a_mistake_in_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"policy.toml:2: rule 1 \(No telnet\): 'port' means nothing here"):
        found(tmp_path, NO_TELNET.replace("ports", "port"), [])
