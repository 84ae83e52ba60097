"""What counts as a scan, and what everyday traffic must not be taken for one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.sample_lake import SECOND
from tests.traffic import RST_ACK, SINCE, SYN_ACK, Flow, activity_of
from tidegauge.analysis.detectors.scan import Scan, ScanSettings
from tidegauge.analysis.finding import Finding, Severity

PORTS, HOSTS = ScanSettings().ports, ScanSettings().hosts
INSIDE, OUTSIDE, TARGET = "10.1.2.17", "198.51.100.7", "10.0.0.5"


def scan(path: Path, flows: Iterable[Flow], detector: Scan | None = None) -> list[Finding]:
    with activity_of(path / "lake", flows, seconds=3600) as activity:
        return (detector or Scan()).find(activity)


def host(number: int) -> str:
    return str(ipaddress.ip_address("10.7.0.0") + number)


def test_many_ports_of_one_host(tmp_path: Path) -> None:
    probes = [Flow(INSIDE, TARGET, 41000, port, second=port / 10) for port in range(1, 1001)]
    refusals = [Flow(TARGET, INSIDE, port, 41000, tcp_flags=RST_ACK, bytes=40) for port in range(1, 1001)]
    (finding,) = scan(tmp_path, probes + refusals)
    assert finding.sentence == "10.1.2.17 tried 1,000 ports of 10.0.0.5 within 100 seconds."
    assert (finding.severity, finding.count, finding.targets) == (Severity.HIGH, 1000, (TARGET,))
    assert finding.evidence.filter == "src_addr = 10.1.2.17 and dst_addr = 10.0.0.5 and packets <= 4"
    assert finding.first_seen == SINCE + SECOND // 10
    assert finding.evidence.until == finding.last_seen + 1 == SINCE + 100 * SECOND + 1


def test_one_port_of_many_hosts(tmp_path: Path) -> None:
    (finding,) = scan(tmp_path, [Flow(OUTSIDE, host(n), 50000 + n, 445) for n in range(200)])
    assert finding.sentence == "198.51.100.7 tried TCP port 445 of 200 addresses within a second."
    assert finding.severity is Severity.LOW
    assert finding.technique == "T1595.001"
    assert len(finding.targets) == 5


def test_a_few_ports_on_each_of_some_hosts(tmp_path: Path) -> None:
    probes = [Flow(INSIDE, host(n), 41000, port) for n in range(10) for port in range(20, 40)]
    (finding,) = scan(tmp_path, probes)
    assert finding.sentence == "10.1.2.17 tried 20 ports of 10 addresses within a second."
    assert finding.count == 200
    assert finding.evidence.filter == "src_addr = 10.1.2.17 and packets <= 4"


def test_many_ports_of_many_hosts_are_one_finding(tmp_path: Path) -> None:
    probes = [Flow(INSIDE, host(n), 41000, port, second=n / 10) for n in range(250) for port in range(20, 32)]
    (finding,) = scan(tmp_path, probes)
    assert finding.sentence == "10.1.2.17 tried 12 ports of 250 addresses within 25 seconds."
    assert finding.count == 3000


def test_a_long_pause_makes_two_findings_of_one_fingerprint(tmp_path: Path) -> None:
    starts = [(at + port / 10, port) for at in (0, 3000) for port in range(1, 121)]
    probes = [Flow(INSIDE, TARGET, 41000, port, second=second) for second, port in starts]
    findings = scan(tmp_path, probes)
    assert [finding.count for finding in findings] == [120, 120]
    assert len({finding.fingerprint for finding in findings}) == 1
    assert len({finding.id for finding in findings}) == 2


def test_udp_knocks_without_an_answer(tmp_path: Path) -> None:
    probes = [
        Flow(INSIDE, TARGET, 41000, port, protocol=17, tcp_flags=None, bytes=28) for port in range(1, 200)
    ]
    (finding,) = scan(tmp_path, probes)
    assert finding.count == 199


def ping(number: int, target: str, packets: int = 1) -> Flow:
    return Flow(INSIDE, target, 0, 0x0800, 1, None, packets, 28 * packets, number / 100)


def test_pings_that_few_answer(tmp_path: Path) -> None:
    replies = [Flow(host(n), INSIDE, 0, 0, 1, None, 1, 28) for n in range(20)]
    (finding,) = scan(tmp_path, [ping(n, host(n)) for n in range(100)] + replies)
    assert finding.sentence == "10.1.2.17 pinged 80 addresses within a second."
    assert (
        finding.evidence.filter
        == "src_addr = 10.1.2.17 and protocol = 1 and dst_port = 2048 and packets <= 4"
    )


def test_a_sweep_that_pings_and_knocks(tmp_path: Path) -> None:
    knocks = [Flow(INSIDE, host(n), 41000, 443) for n in range(100)]
    (finding,) = scan(tmp_path, [ping(n, host(n)) for n in range(100)] + knocks)
    assert finding.sentence == "10.1.2.17 pinged and tried TCP port 443 of 100 addresses within a second."
    assert finding.evidence.filter == (
        "src_addr = 10.1.2.17 and ((protocol = 1 and dst_port = 2048) or (protocol = 6 and dst_port = 443)) "
        "and packets <= 4"
    )


def test_a_scan_across_the_border_of_a_window_is_seen_whole(tmp_path: Path) -> None:
    border = 300 - (SINCE // SECOND) % 300
    probes = [Flow(INSIDE, TARGET, 41000, n, second=border - 50 + n) for n in range(1, PORTS + 1)]
    assert [finding.count for finding in scan(tmp_path, probes)] == [PORTS]


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param([Flow(INSIDE, TARGET, 41000, n) for n in range(1, PORTS)], id="one port too few"),
        pytest.param([Flow(INSIDE, host(n), 41000, 445) for n in range(HOSTS - 1)], id="one host too few"),
        pytest.param(
            [ping(n, host(n)) for n in range(200)]
            + [Flow(host(n), INSIDE, 0, 0, 1, None, 1, 28) for n in range(200)],
            id="who watches over hosts that answer",
        ),
        pytest.param(
            [Flow(INSIDE, TARGET, 41000, n, second=n * 10) for n in range(1, 300)], id="slower than a window"
        ),
        pytest.param(
            [Flow(TARGET, INSIDE, 443, n, tcp_flags=SYN_ACK, packets=3) for n in range(40000, 41000)],
            id="a web server's replies",
        ),
        pytest.param(
            [Flow(TARGET, INSIDE, n, 41000 + n, tcp_flags=RST_ACK) for n in range(1, 1000)],
            id="a scanned host's refusals",
        ),
        pytest.param(
            [
                Flow(TARGET, INSIDE, 53, n, protocol=17, tcp_flags=None, bytes=200)
                for n in range(40000, 41000)
            ],
            id="a name server's replies",
        ),
        pytest.param(
            [Flow(INSIDE, host(n), 40000 + n, 53, protocol=17, tcp_flags=None) for n in range(300)]
            + [
                Flow(host(n), INSIDE, 53, 40000 + n, protocol=17, tcp_flags=None, bytes=220)
                for n in range(300)
            ],
            id="a resolver that is answered",
        ),
        pytest.param(
            [Flow(INSIDE, host(n), 40000 + n, 20000 + 7 * n) for n in range(500)],
            id="peer to peer, dead peers",
        ),
        pytest.param(
            [
                Flow(INSIDE, host(n), 40000 + n, 443, tcp_flags=0x1B, packets=20, bytes=9000)
                for n in range(500)
            ],
            id="a busy browser",
        ),
    ],
)
def test_everyday_traffic_is_no_scan(tmp_path: Path, flows: list[Flow]) -> None:
    assert scan(tmp_path, flows) == []


def test_flows_outside_the_range_do_not_count(tmp_path: Path) -> None:
    assert scan(tmp_path, [Flow(INSIDE, TARGET, 41000, n, second=-1.0) for n in range(1, 500)]) == []


def test_thresholds_are_settings(tmp_path: Path) -> None:
    probes = [Flow(INSIDE, TARGET, 41000, n) for n in range(1, 13)]
    assert [f.count for f in scan(tmp_path, probes, Scan(ScanSettings(ports=12)))] == [12]
