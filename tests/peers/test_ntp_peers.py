"""Our NTP client asks real servers, and real clients ask our NTP server.

No peer can set the clock: each runs without CAP_SYS_TIME, and chrony is told not to try.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.surroundings import find_peer
from tidegauge._core import TimeServer
from tidegauge.ntp.client import query
from tidegauge.ntp.measurement import Measurement
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.server import VouchedServer

pytestmark = pytest.mark.peers

WITHOUT_CLOCK_RIGHT = ["setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time"]
# Ports of NTPsec's programs cannot be chosen, so they get a network of their own, where 123 is free.
OWN_NETWORK = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
PATIENCE_SECONDS = 10


@contextmanager
def process(arguments: list[str], log: Path) -> Iterator[None]:
    with log.open("w") as output, subprocess.Popen(arguments, stdout=output, stderr=output) as running:
        try:
            yield
        finally:
            running.terminate()


def chrony(folder: Path, *directives: str, options: tuple[str, ...] = ()) -> list[str]:
    """A command line for chronyd that only touches files in ``folder``."""
    common = ("cmdport 0", f"pidfile {folder}/pid", *directives)
    # -u root: the account that Debian's build would switch to comes only with an installed package.
    daemon = [find_peer("chronyd"), "-x", "-d", "-u", "root", *options]
    return [*WITHOUT_CLOCK_RIGHT, *daemon, "-f", "/dev/null", *common]


@contextmanager
def chrony_server(folder: Path, *directives: str) -> Iterator[int]:
    port = free_port()
    listening = (f"port {port}", "bindaddress 127.0.0.1", "allow 127.0.0.0/8")
    with process(chrony(folder, *listening, *directives), folder / "chronyd.log"):
        await_answer(port)
        yield port


def await_answer(port: int) -> Measurement:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return query("127.0.0.1", port, timeout_seconds=0.2)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def in_own_network(tmp_path: Path, script: str, *arguments: str) -> str:
    """Run a Python script where nobody listens yet; returns what it prints."""
    path = tmp_path / "script.py"
    path.write_text(script)
    command = [*OWN_NETWORK, sys.executable, str(path), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_our_client_measures_chrony(tmp_path: Path) -> None:
    with chrony_server(tmp_path, "local stratum 10") as port:
        measurements = [query("127.0.0.1", port) for _ in range(50)]
    best = min(measurements, key=lambda measurement: measurement.delay)
    assert (best.stratum, best.leap, best.reference_id) == (10, Leap.NONE, "127.127.1.1")
    # Both read the same clock, so every offset is pure error and must lie within its bound.
    for measurement in measurements:
        assert measurement.bound is not None
        assert abs(measurement.offset) <= measurement.bound
    assert best.delay < 1_000_000


def test_our_client_hears_that_chrony_does_not_know_the_time(tmp_path: Path) -> None:
    with chrony_server(tmp_path) as port:
        measurement = query("127.0.0.1", port)
    assert (measurement.leap, measurement.bound) == (Leap.UNSYNCHRONISED, None)


def test_chrony_takes_the_time_from_our_server(tmp_path: Path) -> None:
    with VouchedServer("127.0.0.1", 0, local_stratum=5) as server:
        source = f"server 127.0.0.1 port {server.port} iburst maxsamples 4"
        result = chrony_once(tmp_path, source)
        counters = server.counters()
    error = re.search(r"System clock wrong by (-?\d+\.\d+) seconds \(ignored\)", result.stderr)
    assert result.returncode == 0, result.stderr
    assert error is not None, result.stderr
    assert abs(float(error.group(1))) < 0.001
    assert counters["answered"] == counters["received"] >= 1


def test_chrony_does_not_take_the_time_from_a_server_nobody_vouches_for(tmp_path: Path) -> None:
    server = TimeServer("127.0.0.1", 0)
    result = chrony_once(tmp_path, f"server 127.0.0.1 port {server.port} iburst", "-t", "5")
    server.close()
    assert server.counters()["answered"] >= 1
    assert result.returncode == 1
    assert "wrong by" not in result.stderr


def chrony_once(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Let chronyd measure, print what it would do, and end."""
    command = chrony(folder, source, options=("-Q", *options))
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


QUERY_NTPD = """
import json, subprocess, sys, time
from tidegauge.ntp.client import query

with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ntpd:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            measurement = query("127.0.0.1", timeout_seconds=0.5)
        except OSError:
            time.sleep(0.1)
            continue
        if measurement.is_synchronised:
            break
        time.sleep(0.5)
    ntpd.terminate()
print(json.dumps([measurement.stratum, measurement.offset, measurement.bound]))
"""


def test_our_client_measures_ntpsec(tmp_path: Path) -> None:
    configuration = tmp_path / "ntp.conf"
    configuration.write_text("disable ntp\ntos orphan 6 orphanwait 1\nrestrict default\n")
    ntpd = [*WITHOUT_CLOCK_RIGHT, find_peer("ntpd"), "-n", "-c", str(configuration)]
    stratum, offset, bound = json.loads(in_own_network(tmp_path, QUERY_NTPD, *ntpd))
    assert stratum == 6
    assert abs(offset) <= bound


ASK_WITH_NTPDIG = """
import subprocess, sys
from tidegauge.ntp.server import VouchedServer

with VouchedServer("127.0.0.1", 123, local_stratum=5):
    subprocess.run(sys.argv[1:], check=True)
"""


def test_ntpdig_takes_the_time_from_our_server(tmp_path: Path) -> None:
    ntpdig = Path(find_peer("ntpdig"))
    libraries = [ntpdig.parents[1] / "lib/python3/dist-packages", *ntpdig.parents[1].glob("lib/*/ntp")]
    environment = [f"PYTHONPATH={libraries[0]}", f"LD_LIBRARY_PATH={':'.join(map(str, libraries[1:]))}"]
    asking = ["env", *environment, "/usr/bin/python3", str(ntpdig), "--json", "127.0.0.1"]
    answer: dict[str, Any] = json.loads(in_own_network(tmp_path, ASK_WITH_NTPDIG, *asking))
    assert (answer["host"], answer["stratum"], answer["leap"]) == ("127.0.0.1", 5, "no-leap")
    # What it may be off by its own account: half a round trip, which takes milliseconds on a busy machine.
    assert abs(answer["offset"]) <= answer["precision"]
