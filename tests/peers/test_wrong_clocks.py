"""The seed of it all: exporters five minutes apart meter the same packets, and tell the same second.

Everything is real but the clocks of the exporters: namespaces, packets and their stamps, export, collector,
and exchanges of ours that pass the exporters and bound their clocks from both sides.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.command import answer
from tests.peers.collector import collect
from tests.peers.routed import SERVER, Route, route
from tests.peers.test_two_way import servers
from tidegauge.clock.instant_text import instant_from_text

pytestmark = pytest.mark.peers

SECOND, MILLISECOND = 1_000_000_000, 1_000_000
STEP_AFTER = 9
RIGHT, FAST, SLOW, SET, NEARLY_RIGHT = range(1, 6)
CLOCKS = ["0", "300", "-300", f"300,{STEP_AFTER}:0", "0.002"]
TALKS = 36
TALK = f"""
import socket, sys, time
for number in range({TALKS}):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        talker.bind(("", 30_000 + number))
        before = time.time_ns()
        talker.sendto(b"x", ("{SERVER}", 9))
        print(30_000 + number, before, time.time_ns(), flush=True)
    time.sleep(0.5)
"""


class Passed(NamedTuple):
    """What the lake told of the talks: by port when each was sent, and by domain and port its flow."""

    lake: Path
    sent: dict[int, tuple[int, int]]  # a talker may lose its core on the way: not before, and not after
    flows: dict[int, dict[int, dict[str, Any]]]

    def errors(self, domain: int, time_: str = "start", ahead: int = 0) -> dict[int, float]:
        """By port, how many seconds late an exporter tells each talk that is as many seconds ahead."""
        errors = {}
        for port, flow in self.flows[domain].items():
            told = instant_from_text(flow[time_]) - ahead * SECOND
            before, after = self.sent[port]
            errors[port] = (told - min(max(told, before), after)) / SECOND
        return errors


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Passed:
    folder = tmp_path_factory.mktemp("wrong")
    lake = folder / "lake"
    with route() as way, servers(way, folder), collect(lake, way.router) as port:
        with exporters(way, port):
            # Twice a round: one exchange that nothing held up is enough, and a busy machine holds up many.
            targets = [f"ntp://{SERVER}", f"tcp://{SERVER}:443"] * 2
            asking = [*way.here, sys.executable, "-m", "tidegauge", "exchanges", "ask", *targets]
            asking += ["--every", "1s", "--count", "16", "--lake", str(lake)]
            with subprocess.Popen(asking, stdout=subprocess.DEVNULL) as asked:
                talk = subprocess.run(
                    [*way.here, sys.executable, "-c", TALK], check=True, capture_output=True, text=True
                )
                assert asked.wait(timeout=60) == 0
        time.sleep(1)  # the last datagrams are on their way
    sent = {}
    for port, before, after in (map(int, line.split()) for line in talk.stdout.splitlines()):
        sent[port] = before, after
    flows: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    asked_for = [
        "src port >= 30000 and dst port 9",
        "--lake",
        str(lake),
        "--limit",
        "0",
        "--duplicates",
        "all",
    ]
    for flow in answer("flows", *asked_for):
        flows[flow["observation_domain"]][flow["src_port"]] = flow
    return Passed(lake, sent, flows)


@contextmanager
def exporters(way: Route, port: int) -> Iterator[None]:
    command = [*way.router, sys.executable, "-m", "tests.peers.wrong_clocks", "inside", str(port), *CLOCKS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as metering:
        try:
            assert metering.stdout is not None
            assert metering.stdout.readline() == "metering\n"
            yield
        finally:
            metering.terminate()
            metering.wait(timeout=20)
    assert metering.returncode == 0


@pytest.mark.parametrize(("domain", "wrong_by"), [(FAST, 300), (SLOW, -300)])
def test_five_minutes_apart_before_the_same_moment_after(passed: Passed, domain: int, wrong_by: int) -> None:
    assert passed.errors(domain).keys() == passed.sent.keys()
    for error in passed.errors(domain, "start_reported", ahead=wrong_by).values():
        assert abs(error) < 0.01
    for port, error in passed.errors(domain).items():
        assert abs(error - passed.errors(RIGHT)[port]) < 0.005


@pytest.mark.parametrize("domain", [FAST, SLOW])
def test_our_own_packets_bound_what_is_left_to_milliseconds(passed: Passed, domain: int) -> None:
    for port, flow in passed.flows[domain].items():
        assert flow["clock_bound"] <= 2.5 * MILLISECOND
        assert abs(passed.errors(domain)[port]) * SECOND <= flow["clock_bound"] + MILLISECOND


def test_a_step_is_found_and_what_was_before_keeps_its_own_correction(passed: Passed) -> None:
    reported = passed.errors(SET, "start_reported")
    before = {port for port, error in reported.items() if error > 100}
    assert before
    assert before < passed.sent.keys()
    for port, error in passed.errors(SET).items():
        assert abs(error) < 0.02, passed.flows[SET][port]
        assert (passed.flows[SET][port]["clock_correction"] is not None) == (port in before)


@pytest.mark.parametrize("domain", [RIGHT, NEARLY_RIGHT])
def test_two_milliseconds_are_left_alone(passed: Passed, domain: int) -> None:
    assert {flow["clock_correction"] for flow in passed.flows[domain].values()} == {None}


def test_clocks_says_what_was_done(passed: Passed) -> None:
    rows = {row["observation_domain"]: row for row in answer("clocks", "--lake", str(passed.lake))}
    assert {domain: row["corrected"] for domain, row in rows.items()} == {
        RIGHT: False,
        FAST: True,
        SLOW: True,
        SET: False,
        NEARLY_RIGHT: False,
    }
    assert "flow times were 300.0 s late, put right to within " in rows[FAST]["note"]
    assert "flow times were 300.0 s early, put right to within " in rows[SLOW]["note"]
    assert "before that, flow times were 300.0 s late, put right" in rows[SET]["note"]
    for domain in (FAST, SLOW, NEARLY_RIGHT):
        assert rows[domain]["method"].startswith("two-way")
        assert rows[domain]["offset_high"] - rows[domain]["offset_low"] < 0.005
