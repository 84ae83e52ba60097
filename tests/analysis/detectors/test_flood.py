"""What counts as a flood, and what looks like one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.traffic import DAY, SYN, WHOLE, Flow, activity_of, both_ways
from tidegauge.analysis.detectors.flood import Flood, FloodSettings
from tidegauge.analysis.finding import Finding, Severity

ATTACKER, SERVER, RESOLVER = "198.51.100.7", "10.0.0.5", "10.0.0.53"
SYNS, PACKETS = FloodSettings().syns, FloodSettings().packets


def source(number: int) -> str:
    return f"203.0.{number // 250}.{number % 250 + 1}"


def syns(count: int, second: float = 0, ports: int = 1) -> list[Flow]:
    """Half-open connections from one address."""
    return [Flow(ATTACKER, SERVER, 1024 + n, 80 + n % ports, second=second + n / 1000) for n in range(count)]


def spoofed(count: int, second: float = 0, protocol: int = 6, flags: int | None = SYN) -> list[Flow]:
    return [
        Flow(source(n), SERVER, 1024 + n, 80, protocol, flags, second=second + n / 1000) for n in range(count)
    ]


def stream(packets: int, second: float = 0, target: str = SERVER, back: int = 0) -> list[Flow]:
    """Much in one flow."""
    up = Flow(ATTACKER, target, 40_000, 514, 17, None, packets, packets * 200, second, 100)
    return both_ways(up, back, back * 100) if back else [up]


def served(count: int) -> list[Flow]:
    """What a web server does all day."""
    return [
        flow
        for n in range(count)
        for flow in both_ways(
            Flow(source(n), SERVER, 30_000 + n, 80, 6, WHOLE, 10, 900, n / 100, 1), 12, 9000
        )
    ]


def found(path: Path, flows: Iterable[Flow]) -> list[Finding]:
    with activity_of(path / "lake", flows) as activity:
        return Flood().find(activity)


def test_syns_of_one(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, syns(2 * SYNS) + served(50))
    assert finding.sentence == (
        "198.51.100.7 sent 2,000 packets to TCP port 80 of 10.0.0.5 within 2 seconds "
        "and opened no connection."
    )
    assert (finding.severity, finding.count, finding.targets) == (Severity.HIGH, 2000, (SERVER,))
    assert finding.evidence.filter == (
        "src_addr = 198.51.100.7 and dst_addr = 10.0.0.5 and protocol = 6 and dst_port = 80 "
        "and flags S and not flags A"
    )


def test_syns_from_everywhere_are_told_of_who_gets_them(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, spoofed(1500))
    assert (finding.actor, finding.title) == (SERVER, "Flood from many addresses")
    assert finding.sentence.startswith("1,500 addresses sent 1,500 packets to TCP port 80 of 10.0.0.5")


def test_small_datagrams_and_large_streams_that_nobody_answers(tmp_path: Path) -> None:
    (many,) = found(tmp_path / "many", spoofed(1500, protocol=17, flags=None))
    assert many.sentence.endswith("to UDP port 80 of 10.0.0.5 within 2 seconds; hardly anything came back.")
    (one,) = found(tmp_path / "one", stream(PACKETS))
    assert (one.actor, one.count, one.technique) == (ATTACKER, PACKETS, "T1498.001")


def test_pings(tmp_path: Path) -> None:
    up = Flow(ATTACKER, SERVER, 0, 0x0800, 1, None, PACKETS, PACKETS * 84, 0, 60)
    down = Flow(SERVER, ATTACKER, 0, 0, 1, None, PACKETS, PACKETS * 84, 0, 60)
    (finding,) = found(tmp_path, [up, down])
    assert finding.sentence == "198.51.100.7 sent 300,000 pings to 10.0.0.5 within 60 seconds."
    assert finding.evidence.filter.endswith("protocol = 1 and dst_port = 2048")


def test_a_record_that_claims_more_than_a_number_holds(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, [Flow(ATTACKER, SERVER, 40_000, 9, 17, None, 2**64 - 1, 99)])
    assert finding.count == 2**62


def test_a_pause_makes_two_of_one_fingerprint(tmp_path: Path) -> None:
    findings = found(tmp_path, syns(SYNS) + syns(SYNS, second=7200))
    assert [finding.count for finding in findings] == [SYNS, SYNS]
    assert len({finding.fingerprint for finding in findings}) == 1


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param(syns(SYNS - 1), id="too few"),
        pytest.param(syns(2 * SYNS, ports=200), id="many doors: a scan"),
        pytest.param(syns(SYNS) + served(300), id="a server that serves more"),
        pytest.param(spoofed(1500) + spoofed(600, second=-3 * DAY), id="hardly more than on an earlier day"),
        pytest.param(stream(PACKETS) + stream(PACKETS, second=-DAY), id="logs, as every day"),
        pytest.param(stream(PACKETS, back=PACKETS // 5), id="a stream that is asked for"),
        pytest.param(stream(PACKETS, target="239.1.2.3"), id="a stream to a group"),
        pytest.param(
            [
                flow
                for n in range(1500)
                for flow in both_ways(
                    Flow(source(n), RESOLVER, 2000 + n, 53, 17, None, 1, 70, n / 50), 1, 200
                )
            ],
            id="a name server",
        ),
        pytest.param(
            [Flow(f"10.1.2.{n % 5}", SERVER, 2000 + n, 80, second=n / 10) for n in range(1500)]
            + [Flow(f"10.1.2.{n}", SERVER, 1500, 80, 6, WHOLE, 9, 900, -DAY) for n in range(5)],
            id="its own clients while it is down",
        ),
    ],
)
def test_these_are_none(tmp_path: Path, flows: list[Flow]) -> None:
    assert found(tmp_path, flows) == []
