"""chronyd and ntpd as clients of our NTP server for minutes: $TIDEGAUGE_TIME_MINUTES, ten unless told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nts_server import self_signed
from tests.peers.test_ntp_peers import OWN_NETWORK, WITHOUT_CLOCK_RIGHT, chrony
from tests.soak.record import record
from tests.surroundings import ROOT, find_peer

MINUTES = float(os.environ.get("TIDEGAUGE_TIME_MINUTES", "10"))
POLLS = "iburst minpoll 0 maxpoll 2"
COMPLAINTS = re.compile(
    r"unreach|falsetick|kiss|KoD|Can't synchroni[sz]e|no majority|bogus|invalid|NTS-KE.*fail"
)

pytestmark = [pytest.mark.soak, pytest.mark.peers, pytest.mark.timeout(MINUTES * 60 + 120)]

NTPD = """
disable ntp
logconfig =allall
interface ignore wildcard
interface ignore all
interface listen 192.0.2.2
server 192.0.2.1 iburst minpoll 3 maxpoll 3
"""

# Runs where nobody listens yet. Ports of NTPsec's programs cannot be chosen.
SCRIPT = """
import json, subprocess, sys, time
from contextlib import ExitStack
from pathlib import Path
from tidegauge.app.cookie_key_file import CookieKeyFile
from tidegauge.app.key_keeping import KeyKeeping
from tidegauge.ntp.key_server import Certificate, KeyServer
from tidegauge.ntp.server import Manners, VouchedServer

# Server and ntpd both have port 123, so each needs an address of its own.
for address in ("192.0.2.1/24", "192.0.2.2/24"):
    subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)
folder, seconds, clients, asking = Path(sys.argv[1]), float(sys.argv[2]), *map(json.loads, sys.argv[3:5])
certificate = Certificate(folder / "certificate.pem", folder / "key.pem")
# A limit that they keep within, as it is set by default.
manners = Manners(requests_per_second=8.0)
with ExitStack() as stack, VouchedServer("192.0.2.1", 123, local_stratum=5, manners=manners) as server:
    keys = KeyKeeping(server, CookieKeyFile(None), time.time_ns())
    stack.enter_context(KeyServer(("192.0.2.1", 4460), certificate, time_port=123, seal=keys.seal))
    running = []
    for name, command in clients.items():
        log = stack.enter_context((folder / f"{name}.log").open("w"))
        running.append(subprocess.Popen(command, stdout=log, stderr=log))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(10)
        server.renew()
    said = {
        name: subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for name, command in asking.items()
    }
    alive = [client.poll() is None for client in running]
    for client in running:
        client.terminate()
        client.wait()
    interleaved = sum(client.interleaved for client in server.clients())
    print(json.dumps([server.counters(), alive, said, interleaved]))
"""


def test_clients_stay_content(tmp_path: Path) -> None:
    self_signed(tmp_path, "192.0.2.1")
    kinds = {
        "plain": f"server 192.0.2.1 {POLLS}",
        "interleaved": f"server 192.0.2.1 {POLLS} xleave",
        "nts": f"server 192.0.2.1 nts {POLLS}",
    }
    clients, asking = {}, {}
    for name, source in kinds.items():
        folder = tmp_path / name
        folder.mkdir(0o700)
        control = (
            f"bindcmdaddress {folder}/chronyd.sock",
            f"ntstrustedcerts {tmp_path}/certificate.pem",
            "port 0",
        )
        clients[name] = chrony(folder, source, *control)
        asking[name] = [find_peer("chronyc"), "-h", f"{folder}/chronyd.sock", "-c", "sources"]
        asking[f"{name} statistics"] = [*asking[name][:-1], "sourcestats"]
    configuration = tmp_path / "ntp.conf"
    configuration.write_text(NTPD)
    clients["ntpd"] = [*WITHOUT_CLOCK_RIGHT, find_peer("ntpd"), "-n", "-c", str(configuration)]
    arguments = [str(tmp_path), str(MINUTES * 60), json.dumps(clients), json.dumps(asking)]
    command = [*OWN_NETWORK, sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counters, alive, said, interleaved = json.loads(done.stdout)
    figures = {"minutes": MINUTES, "counters": {name: count for name, count in counters.items() if count}}
    for name in kinds:
        mode, state, *_ = said[name].split(",")
        assert (mode, state) == ("^", "*"), said[name]
        offset, deviation = map(float, said[f"{name} statistics"].split(",")[6:8])
        figures[name] = {"offset_seconds": offset, "deviation_seconds": deviation}
        assert abs(offset) < 0.0001
    assert re.search(r"192\.0\.2\.1 \w+ \w+ sys_peer", (tmp_path / "ntpd.log").read_text())
    complaints = [
        line
        for name in clients
        for line in (tmp_path / f"{name}.log").read_text().splitlines()
        if COMPLAINTS.search(line)
    ]
    assert all(alive)
    assert not complaints
    assert interleaved > 60 * MINUTES / 4 / 2, "half of the slowest polls it was allowed"
    answered = counters["answered"] + counters["answered_nts"]
    assert answered == counters["received"]
    record("time-server", figures)
