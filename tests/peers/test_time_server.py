"""Real clients ask our NTP server: in interleaved mode, with NTS, and at a leap second."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.nts_server import self_signed
from tests.peers.test_ntp_peers import (
    PATIENCE_SECONDS,
    WITHOUT_CLOCK_RIGHT,
    chrony,
    chrony_once,
    in_own_network,
    process,
)
from tests.surroundings import find_peer
from tidegauge.app.cookie_key_file import CookieKeyFile
from tidegauge.app.key_keeping import KeyKeeping
from tidegauge.ntp.key_server import Certificate, KeyServer
from tidegauge.ntp.leap_seconds import LeapPlan, LeapSecond
from tidegauge.ntp.server import VouchedServer

pytestmark = pytest.mark.peers

FAST = "iburst minpoll -4 maxpoll -4"


def chronyc(folder: Path, *words: str) -> str:
    command = [find_peer("chronyc"), "-h", str(folder / "chronyd.sock"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout


@contextmanager
def chrony_client(folder: Path, *directives: str) -> Iterator[None]:
    control = f"bindcmdaddress {folder}/chronyd.sock"
    with process(chrony(folder, control, *directives), folder / "chronyd.log"):
        yield


@contextmanager
def asked_by_chrony(folder: Path, options: str = "", **settings: Any) -> Iterator[VouchedServer]:
    """Our server with a chronyd that asks it 16 times a second."""
    with (
        VouchedServer("127.0.0.1", 0, local_stratum=5, **settings) as server,
        chrony_client(folder, f"server 127.0.0.1 port {server.port} {FAST} {options}"),
    ):
        yield server


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_chrony_interleaves_and_gets_better_stamps(tmp_path: Path) -> None:
    with asked_by_chrony(tmp_path, "xleave") as server:
        await_true(lambda: any(client.interleaved > 20 for client in server.clients()))
        data = chronyc(tmp_path, "ntpdata")
        statistics = chronyc(tmp_path, "-c", "sourcestats")
    [client] = server.clients()
    assert re.search(r"^Interleaved +: Yes$", data, re.MULTILINE), data
    assert client.answered == client.requests
    assert client.offset_seconds is None
    # Both read the same clock: what it measures is error, in seconds, and none of a whole poll.
    offset, deviation = map(float, statistics.split(",")[6:8])
    assert abs(offset) < 0.0005, statistics
    assert deviation < 0.0005, statistics


@contextmanager
def nts_server(folder: Path) -> Iterator[tuple[VouchedServer, KeyServer]]:
    certificate = Certificate(*self_signed(folder, "localhost"))
    with VouchedServer("127.0.0.1", 0, local_stratum=5) as server:
        keys = KeyKeeping(server, CookieKeyFile(None), time.time_ns())
        with KeyServer(("127.0.0.1", 0), certificate, time_port=server.port, seal=keys.seal) as key_server:
            yield server, key_server


def test_chrony_takes_the_time_with_nts(tmp_path: Path) -> None:
    with nts_server(tmp_path) as (server, key_server):
        source = f"server localhost nts ntsport {key_server.port} {FAST}"
        with chrony_client(tmp_path, source, f"ntstrustedcerts {tmp_path}/certificate.pem"):
            # More than a client has cookies: fresh ones came with the replies.
            await_true(lambda: any(client.authenticated > 30 for client in server.clients()))
            held = chronyc(tmp_path, "-c", "authdata").split(",")
            state = chronyc(tmp_path, "-c", "sources").split(",")
        counters = server.counters()
    assert (held[1], held[3], held[8]) == ("NTS", "15", "8"), held
    assert state[1] == "*", state
    assert counters["answered_nts"] == counters["received"]
    assert key_server.counters()["keys_established"] == 1


def test_chrony_establishes_keys_anew_when_ours_are_gone(tmp_path: Path) -> None:
    with nts_server(tmp_path) as (server, key_server):
        source = f"server localhost nts ntsport {key_server.port} {FAST}"
        with chrony_client(tmp_path, source, f"ntstrustedcerts {tmp_path}/certificate.pem"):
            await_true(lambda: server.counters()["answered_nts"] > 2)
            server.accept_cookies(CookieKeyFile(None).keys_at(time.time_ns()))
            await_true(lambda: server.counters()["answered_nts_refusal"] > 0)


def test_chrony_sees_the_leap_second_announced(tmp_path: Path) -> None:
    leaps = LeapPlan(leaps=(LeapSecond(time.time_ns() + 3600 * 10**9),))
    with asked_by_chrony(tmp_path, leaps=leaps) as server:
        await_true(lambda: server.counters()["answered"] > 8)
        data = chronyc(tmp_path, "ntpdata")
    assert re.search(r"^Leap status +: Insert second$", data, re.MULTILINE), data


def test_chrony_is_smeared_by_half_a_second_at_the_leap(tmp_path: Path) -> None:
    leaps = LeapPlan(leaps=(LeapSecond(time.time_ns()),), is_smeared=True)
    with VouchedServer("127.0.0.1", 0, local_stratum=5, leaps=leaps) as server:
        result = chrony_once(tmp_path, f"server 127.0.0.1 port {server.port} iburst maxsamples 4")
    error = re.search(r"System clock wrong by (-?\d+\.\d+) seconds \(ignored\)", result.stderr)
    assert error is not None, result.stderr
    assert 0.49 < float(error.group(1)) < 0.51


SERVE_NTPD = """
import json, subprocess, sys, time
from tidegauge.ntp.server import VouchedServer

# Server and client both have port 123, so each needs an address of its own.
for address in ("192.0.2.1/24", "192.0.2.2/24"):
    subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)
with VouchedServer("192.0.2.1", 123, local_stratum=5) as server:
    with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ntpd:
        deadline = time.monotonic() + 20
        while server.counters()["answered"] < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
        ntpd.terminate()
    [client] = server.clients()
    print(json.dumps([server.counters(), client.version, client.offset_seconds]))
"""


def test_ntpd_takes_the_time_from_our_server(tmp_path: Path) -> None:
    configuration = tmp_path / "ntp.conf"
    configuration.write_text(
        "disable ntp\ninterface ignore wildcard\ninterface ignore all\ninterface listen 192.0.2.2\n"
        "server 192.0.2.1 iburst\n"
    )
    ntpd = [*WITHOUT_CLOCK_RIGHT, find_peer("ntpd"), "-n", "-c", str(configuration)]
    counters, version, offset = json.loads(in_own_network(tmp_path, SERVE_NTPD, *ntpd))
    assert counters["answered"] == counters["received"] >= 4
    assert (version, offset) == (4, None)
