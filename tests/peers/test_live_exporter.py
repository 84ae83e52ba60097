"""softflowd on a live interface, exporting to nfcapd and to us at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.peers import nfdump
from tests.peers.collector import collect
from tests.peers.namespaces import Cable, cable
from tests.peers.softflowd import VERSIONS
from tests.peers.talk import BYTES, PACKETS, PORT, talk
from tests.peers.totals import totals_by_source
from tests.surroundings import find_peer

pytestmark = pytest.mark.peers


def meter_live(wire: Cable, protocol_version: str, ports: list[int], folder: Path) -> None:
    """Let softflowd meter what goes over the wire, and export it to every port.

    softflowd sees nothing on a quiet interface of its own, so tcpdump reads the packets for it.
    """
    destinations = ",".join(f"127.0.0.1:{port}" for port in ports)
    dump = [*wire.here, find_peer("tcpdump"), "-i", wire.interface, "--immediate-mode", "-U", "-w", "-"]
    # With the usual snap length the ring of immediate mode has eight places, and drops.
    dump += ["-s", "128", "-c", str(PACKETS), f"udp dst port {PORT}"]
    meter = [*wire.here, find_peer("softflowd"), "-r", "/dev/stdin", "-n", destinations]
    meter += ["-v", VERSIONS[protocol_version], "-d", "-c", "none", "-p", str(folder / "softflowd.pid")]
    quiet = subprocess.DEVNULL
    with (
        subprocess.Popen(dump, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tcpdump,
        subprocess.Popen(meter, stdin=tcpdump.stdout, stdout=quiet, stderr=quiet) as softflowd,
    ):
        assert tcpdump.stderr is not None
        assert "listening on" in next(iter(tcpdump.stderr))
        try:
            talk(wire.here, wire.far_address)
            tcpdump.wait(timeout=20)
            softflowd.wait(timeout=20)
        finally:
            tcpdump.kill()
            softflowd.kill()


@pytest.mark.parametrize("protocol_version", VERSIONS)
def test_live_export_equals_nfdump_and_the_wire(protocol_version: str, tmp_path: Path) -> None:
    with (
        cable() as wire,
        nfdump.nfcapd(tmp_path / "nfcapd", wire.here) as their_port,
        collect(tmp_path / "lake", wire.here) as our_port,
    ):
        meter_live(wire, protocol_version, [their_port, our_port], tmp_path)
    ours = totals_by_source(tmp_path / "lake")
    assert ours == nfdump.totals_by_source(tmp_path / "nfcapd")
    assert (ours[wire.address].bytes, ours[wire.address].packets) == (BYTES, PACKETS)
