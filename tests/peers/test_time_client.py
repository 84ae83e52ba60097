"""Our NTP client, plain and with NTS, asks real servers; some lie, forget keys, or want to be left alone."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.nts_server import self_signed
from tests.peers.test_ntp_peers import (
    WITHOUT_CLOCK_RIGHT,
    await_answer,
    chrony,
    chrony_once,
    chrony_server,
    in_own_network,
    process,
)
from tests.ports import free_port
from tests.surroundings import find_peer
from tidegauge.ntp import polling as polling_module
from tidegauge.ntp.chrony import chrony_bound
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.ntp.upstream import Upstream

pytestmark = pytest.mark.peers

TOLERANCE = 100_000
STILL = 5_000
"""Nanoseconds that the worth of a clock changes by between two looks, unless it was judged anew."""
"""Nanoseconds that our client may differ from theirs."""
CLOCK_IS_WRONG = re.compile(r"System clock wrong by (-?\d+\.\d+) seconds \(ignored\)")


@contextmanager
def nts_chrony(folder: Path, time_port: int, key_port: int) -> Iterator[Path]:
    """A chronyd that serves NTS with keys of its own making, and the certificate to trust."""
    certificate = folder / "certificate.pem"
    if not certificate.exists():
        self_signed(folder, "localhost", "127.0.0.1")
    directives = (
        f"port {time_port}",
        "bindaddress 127.0.0.1",
        "allow 127.0.0.0/8",
        "local stratum 10",
        f"ntsserverkey {folder}/key.pem",
        f"ntsservercert {certificate}",
        f"ntsport {key_port}",
        "ntsprocesses 0",
    )
    with process(chrony(folder, *directives), folder / "chronyd.log"):
        await_answer(time_port)
        yield certificate


@contextmanager
def faketimed_chrony(folder: Path, shift: str) -> Iterator[int]:
    """A chronyd that reads a shifted clock, and so lies about the time."""
    port = free_port()
    directives = (f"port {port}", "bindaddress 127.0.0.1", "allow 127.0.0.0/8", "local stratum 1")
    # Not by its command, which would stay in between and be ended in chronyd's place.
    [library] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    shifted = ["env", f"LD_PRELOAD={library}", f"FAKETIME={shift}", *chrony(folder, *directives)]
    with process(shifted, folder / "chronyd.log"):
        await_answer(port)
        yield port


def best_offset(upstream: Upstream, questions: int = 20) -> int:
    measurements = [upstream.ask().measurement for _ in range(questions)]
    return min(measurements, key=lambda measurement: measurement.delay).offset


def chronys_offset(result: subprocess.CompletedProcess[str]) -> int:
    """What a chronyd as client says of its server minus our clock, in nanoseconds."""
    found = CLOCK_IS_WRONG.search(result.stderr)
    assert found is not None, result.stderr
    return round(float(found.group(1)) * 1e9)


def test_we_measure_what_chrony_measures(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with faketimed_chrony(tmp_path / "server", "+7s") as port:
        ours = best_offset(Upstream(ServerAddress("127.0.0.1", port)))
        theirs = chronys_offset(chrony_once(tmp_path, f"server 127.0.0.1 port {port} iburst maxsamples 4"))
    assert abs(ours - theirs) < TOLERANCE
    assert abs(ours - 7 * 10**9) < TOLERANCE


def test_we_measure_with_nts_what_chrony_measures_with_nts(tmp_path: Path) -> None:
    server = tmp_path / "server"
    server.mkdir()
    key_port = free_port()
    with nts_chrony(server, free_port(), key_port) as certificate:
        upstream = Upstream(ServerAddress("localhost", key_port, is_nts=True), certificate)
        ours = best_offset(upstream)
        source = f"server localhost nts ntsport {key_port} iburst maxsamples 4"
        theirs = chronys_offset(chrony_once(tmp_path, source, "-t", "20", f"ntstrustedcerts {certificate}"))
    assert abs(ours - theirs) < TOLERANCE
    assert abs(ours) < TOLERANCE


def test_a_chronyd_that_forgot_its_keys_is_asked_for_new_ones(tmp_path: Path) -> None:
    time_port, key_port = free_port(), free_port()
    with nts_chrony(tmp_path, time_port, key_port) as certificate:
        upstream = Upstream(ServerAddress("localhost", key_port, is_nts=True), certificate)
        upstream.ask()
    with nts_chrony(tmp_path, time_port, key_port):
        assert upstream.ask().measurement.is_synchronised


def test_one_lying_server_of_four_is_excluded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling_module, "local_judges", list)
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    with ExitStack() as servers:
        ports = [servers.enter_context(chrony_server(folder, "local stratum 10")) for folder in folders[1:]]
        ports.append(servers.enter_context(faketimed_chrony(folders[0], "-300s")))
        polling = SourcePolling([ServerAddress("127.0.0.1", port) for port in ports])
        polling.ask_all(4)
        judgement = polling.judge()
    assert [source.state for source in judgement.sources] == ["good", "good", "good", "falseticker"]
    # All read our own clock, so its error against them is nothing.
    assert judgement.low is not None
    assert judgement.high is not None
    assert judgement.low <= 0 <= judgement.high
    assert judgement.high - judgement.low < TOLERANCE


def test_a_chronyd_on_this_machine_says_what_our_clock_is_worth(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with chrony_server(tmp_path / "server", "local stratum 10") as port:
        command_port = free_port()
        command = chrony(tmp_path, f"server 127.0.0.1 port {port} iburst", "port 0")
        command[command.index("cmdport 0")] = f"cmdport {command_port}"
        with process(command, tmp_path / "chronyd.log"):
            before, bound = looked_at_rest(command_port)
    # A moment later the dispersion has grown, by 1 ppm, and the correction shrunk.
    assert bound == pytest.approx(before, abs=STILL)


def looked_at_rest(port: int) -> tuple[float, int | None]:
    """chronyc's figures and our bound, taken while a chronyd did not hear from its server in between."""
    for _ in range(40):
        before, bound, after = worth(port), chrony_bound(port), worth(port)
        if abs(after - before) < STILL:
            return before, bound
        time.sleep(0.25)
    raise TimeoutError(f"the chronyd at command port {port} hears from its server all the time")


def worth(port: int) -> float:
    """The bound that chronyc's figures come to, in nanoseconds."""
    told = tracking(port)
    correction, delay, dispersion = (float(told[number]) for number in (4, 10, 11))
    return (abs(correction) + dispersion + delay / 2) * 1e9


def tracking(port: int) -> list[str]:
    """What chronyc reports, once its chronyd follows somebody."""
    command = [find_peer("chronyc"), "-c", "-h", "127.0.0.1", "-p", str(port), "tracking"]
    for _ in range(100):
        result = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        told = result.stdout.strip().split(",")
        if told[-1] == "Normal":
            return told
        time.sleep(0.1)
    raise TimeoutError(f"the chronyd at command port {port} does not follow its server")


ASK_NTPD = """
import json, subprocess, sys, time
from pathlib import Path
from tidegauge.ntp.client import KissOfDeathError, query
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.ntp.upstream import Upstream

certificate, *command = sys.argv[1:]
plain = Upstream(ServerAddress("127.0.0.1", 123))
protected = Upstream(ServerAddress("localhost", 4460, is_nts=True), Path(certificate))

def asked(upstream, questions):
    found = []
    while len(found) < questions:
        try:
            measurement = upstream.ask(0.5).measurement
        except OSError as error:
            print(error, file=sys.stderr)
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
            continue
        if measurement.is_synchronised:
            found.append(measurement)
        elif time.monotonic() > deadline:
            raise SystemExit("ntpd does not vouch for its clock")
        else:
            time.sleep(0.5)
    return min(found, key=lambda measurement: measurement.delay).offset

def kiss():
    for _ in range(500):
        try:
            query("127.0.0.1", timeout_seconds=0.05)
        except KissOfDeathError as error:
            return error.code
        except TimeoutError:
            continue

with subprocess.Popen(command, stdout=sys.stderr) as ntpd:
    deadline = time.monotonic() + 20
    try:
        offsets = [asked(plain, 5), asked(protected, 5)]
        print(json.dumps([*offsets, kiss()]))
    finally:
        ntpd.terminate()
"""


def test_ntpsec_tells_the_time_plain_and_with_nts_and_wants_to_be_asked_less(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "localhost", "127.0.0.1")
    configuration = tmp_path / "ntp.conf"
    lines = ["disable ntp", "tos orphan 6 orphanwait 1", "restrict default limited kod"]
    lines += ["nts enable", f"nts key {key}", f"nts cert {certificate}", f"nts cookie {tmp_path}/cookies"]
    configuration.write_text("\n".join([*lines, ""]))
    ntpd = [*WITHOUT_CLOCK_RIGHT, find_peer("ntpd"), "-n", "-c", str(configuration)]
    plain, protected, kiss = json.loads(in_own_network(tmp_path, ASK_NTPD, str(certificate), *ntpd))
    assert abs(plain) < TOLERANCE
    assert abs(protected) < TOLERANCE
    assert kiss == "RATE"
