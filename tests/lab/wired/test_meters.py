from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tidegauge.lab.wired.meters import CLOCK_OFFSET_SECONDS, Meter, metering
from tidegauge.lab.wired.namespaces import Place
from tidegauge.lab.wired.network import EDGE2, STATION, wired_network
from tidegauge.lab.wired.program import running
from tidegauge.lab.wired.sites import TIME_SERVER

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]

IPFIX, NETFLOW9 = 10, 9
# Says of each datagram who sent it, its version, and by which clock, in seconds.
LISTEN = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
    collector.bind(("192.168.10.2", 2055))
    print("ready", flush=True)
    while True:
        datagram, (exporter, _) = collector.recvfrom(65535)
        version = datagram[1]
        seconds = int.from_bytes(datagram[4:8] if version == 10 else datagram[8:12], "big")
        print(exporter, version, seconds, flush=True)
"""


@pytest.fixture(scope="module")
def network() -> Iterator[Mapping[str, Place]]:
    with wired_network([]) as made:
        yield made


@pytest.mark.parametrize(("meter", "version"), [(Meter.TIDEGAUGE, IPFIX), (Meter.SOFTFLOWD, NETFLOW9)])
def test_both_routers_export_and_the_second_by_a_fast_clock(
    network: Mapping[str, Place], tmp_path: Path, meter: Meter, version: int
) -> None:
    # Nobody carries frames behind edge2, so nobody there says who he is.
    network[EDGE2].ip(
        "neighbour", "replace", "203.0.113.50", "lladdr", "02:00:00:00:00:99", "dev", "internet"
    )
    talk = (
        f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{TIME_SERVER}', 9))"
    )
    with running("listener", network[STATION], [sys.executable, "-c", LISTEN], tmp_path) as listener:
        listener.await_words("ready")
        with metering(meter, network, tmp_path) as end:
            network[STATION].run(sys.executable, "-c", talk)
            end()
        time.sleep(0.2)
        told = [line.split() for line in listener.output.splitlines()[1:]]
    now = time.time()
    ahead = {
        (exporter, int(version)): round((int(second) - now) / 100) * 100 for exporter, version, second in told
    }
    assert ahead == {("192.168.10.1", version): 0, ("203.0.113.34", IPFIX): CLOCK_OFFSET_SECONDS}
    assert meter.needed == (("softflowd", "tcpdump") if meter is Meter.SOFTFLOWD else ())
