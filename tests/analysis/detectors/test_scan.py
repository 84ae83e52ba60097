"""What counts as a scan, and what everyday traffic must not be taken for one."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tidegauge.analysis.detectors.scan import HOSTS, PORTS, Scan
from tidegauge.analysis.finding import Severity
from tidegauge.flow.addresses import address_from_text
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tidegauge.analysis.finding import Finding

SECOND = 1_000_000_000
SINCE = 1_760_000_000 * SECOND
SYN, SYN_ACK, RST_ACK = 0x02, 0x12, 0x14
NUMBERS = ("src_port", "dst_port", "protocol", "tcp_flags", "packets", "bytes")
INSIDE, OUTSIDE, TARGET = "10.1.2.17", "198.51.100.7", "10.0.0.5"


@dataclass(frozen=True)
class Flow:
    src_addr: str
    dst_addr: str
    src_port: int
    dst_port: int
    protocol: int = 6
    tcp_flags: int | None = SYN
    packets: int = 1
    bytes: int = 60
    second: float = 0.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine whose flows are a table to insert into, in place of files."""
    with Lake.create(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        engine.connection.execute("CREATE TABLE rows AS FROM flows")
        engine.connection.execute("CREATE OR REPLACE VIEW flows AS FROM rows")
        yield engine


def uuid(address: str) -> UUID:
    return UUID(int=address_from_text(address))


def scan(engine: Engine, flows: Iterable[Flow]) -> list[Finding]:
    flows = list(flows)
    columns: list[list[object]] = [[SINCE + int(flow.second * SECOND) for flow in flows]]
    columns += [[uuid(flow.src_addr) for flow in flows], [uuid(flow.dst_addr) for flow in flows]]
    columns += [[getattr(flow, name) for flow in flows] for name in NUMBERS]
    engine.connection.execute(
        f"INSERT INTO rows (start, src_addr, dst_addr, {', '.join(NUMBERS)}) "
        f"SELECT make_timestamp_ns(unnest(?))::TIMESTAMPTZ_NS {', unnest(?)' * (2 + len(NUMBERS))}",
        columns,
    )
    return Scan().find(engine, SINCE, SINCE + 3600 * SECOND)


def host(number: int) -> str:
    return str(ipaddress.ip_address("10.7.0.0") + number)


def test_many_ports_of_one_host(engine: Engine) -> None:
    probes = [Flow(INSIDE, TARGET, 41000, port, second=port / 10) for port in range(1, 1001)]
    refusals = [Flow(TARGET, INSIDE, port, 41000, tcp_flags=RST_ACK, bytes=40) for port in range(1, 1001)]
    (finding,) = scan(engine, probes + refusals)
    assert finding.sentence == "10.1.2.17 tried 1,000 ports of 10.0.0.5 within 100 seconds."
    assert (finding.severity, finding.count, finding.targets) == (Severity.HIGH, 1000, (TARGET,))
    assert finding.evidence.filter == "src_addr = 10.1.2.17 and dst_addr = 10.0.0.5 and packets <= 4"
    assert finding.first_seen == SINCE + SECOND // 10
    assert finding.evidence.until == finding.last_seen + 1 == SINCE + 100 * SECOND + 1


def test_one_port_of_many_hosts(engine: Engine) -> None:
    (finding,) = scan(engine, [Flow(OUTSIDE, host(n), 50000 + n, 445) for n in range(200)])
    assert finding.sentence == "198.51.100.7 tried TCP port 445 of 200 addresses within a second."
    assert finding.severity is Severity.LOW
    assert finding.technique == "T1595.001"
    assert len(finding.targets) == 5


def test_a_few_ports_on_each_of_some_hosts(engine: Engine) -> None:
    probes = [Flow(INSIDE, host(n), 41000, port) for n in range(10) for port in range(20, 40)]
    (finding,) = scan(engine, probes)
    assert finding.sentence == "10.1.2.17 tried 20 ports of 10 addresses within a second."
    assert finding.count == 200
    assert finding.evidence.filter == "src_addr = 10.1.2.17 and packets <= 4"


def test_many_ports_of_many_hosts_are_one_finding(engine: Engine) -> None:
    probes = [Flow(INSIDE, host(n), 41000, port, second=n / 10) for n in range(250) for port in range(20, 32)]
    (finding,) = scan(engine, probes)
    assert finding.sentence == "10.1.2.17 tried 12 ports of 250 addresses within 25 seconds."
    assert finding.count == 3000


def test_a_long_pause_makes_two_findings_of_one_fingerprint(engine: Engine) -> None:
    starts = [(at + port / 10, port) for at in (0, 3000) for port in range(1, 121)]
    probes = [Flow(INSIDE, TARGET, 41000, port, second=second) for second, port in starts]
    findings = scan(engine, probes)
    assert [finding.count for finding in findings] == [120, 120]
    assert len({finding.fingerprint for finding in findings}) == 1
    assert len({finding.id for finding in findings}) == 2


def test_udp_knocks_without_an_answer(engine: Engine) -> None:
    probes = [
        Flow(INSIDE, TARGET, 41000, port, protocol=17, tcp_flags=None, bytes=28) for port in range(1, 200)
    ]
    (finding,) = scan(engine, probes)
    assert finding.count == 199


def test_a_scan_across_the_border_of_a_window_is_seen_whole(engine: Engine) -> None:
    border = 300 - (SINCE // SECOND) % 300
    probes = [Flow(INSIDE, TARGET, 41000, n, second=border - 50 + n) for n in range(1, PORTS + 1)]
    assert [finding.count for finding in scan(engine, probes)] == [PORTS]


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param([Flow(INSIDE, TARGET, 41000, n) for n in range(1, PORTS)], id="one port too few"),
        pytest.param([Flow(INSIDE, host(n), 41000, 445) for n in range(HOSTS - 1)], id="one host too few"),
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
def test_everyday_traffic_is_no_scan(engine: Engine, flows: list[Flow]) -> None:
    assert scan(engine, flows) == []


def test_flows_outside_the_range_do_not_count(engine: Engine) -> None:
    assert scan(engine, [Flow(INSIDE, TARGET, 41000, n, second=-1.0) for n in range(1, 500)]) == []
