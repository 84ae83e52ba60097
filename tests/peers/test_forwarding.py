"""What other programs see of copies: nfcapd the exporters' addresses, tshark each field of what was kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import nfdump
from tests.peers.namespaces import Cable, cable, ip
from tests.surroundings import find_peer
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import raw_files

pytestmark = pytest.mark.peers

PORT = 2055
V4, V6 = "198.51.100.7", "2001:db8:9::7"
"""Exporters, of whose addresses the machine that forwards has none on its wire."""
FAR_V6 = "2001:db8::2"
FLOWS = {V4: range(60), V6: range(100, 160)}
MTU = 1300
"""Less than a datagram has: it travels in fragments."""

SEND = """
import socket, sys
from tests.numbered_flows import datagrams
for host, there, first in ((sys.argv[1], "127.0.0.1", 0), (sys.argv[2], "::1", 100)):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((host, 50_000))
        for content in datagrams(range(first, first + 60)):
            link.sendto(content, (there, 2055))
"""


@dataclass(frozen=True)
class Seen:
    """Folders of nfcapd behind IPv4 and IPv6, and the lake."""

    v4: Path
    v6: Path
    lake: Path


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("forwarding")
    found = Seen(folder / "v4", folder / "v6", folder / "lake")
    with cable() as wire:
        prepare(wire)
        with (
            nfdump.nfcapd(found.v4, wire.there, wire.far_address) as v4_port,
            nfdump.nfcapd(found.v6, wire.there, FAR_V6) as v6_port,
            collecting(
                wire, found.lake, f"udp://{wire.far_address}:{v4_port}", f"udp://[{FAR_V6}]:{v6_port}"
            ),
        ):
            subprocess.run([*wire.here, sys.executable, "-c", SEND, V4, V6], check=True)
    return found


def prepare(wire: Cable) -> None:
    near, far = wire.here[-1], wire.there[-1]
    for namespace, address in ((near, "2001:db8::1"), (far, FAR_V6)):
        ip("-n", namespace, "address", "add", f"{address}/64", "dev", "wire", "nodad")
        ip("-n", namespace, "link", "set", "wire", "mtu", str(MTU))
    ip("-n", near, "address", "add", f"{V4}/32", "dev", "lo")
    ip("-n", near, "address", "add", f"{V6}/128", "dev", "lo", "nodad")
    # Who checks where packets come from must know the way back.
    ip("-n", far, "route", "add", f"{V4}/32", "via", wire.address)
    ip("-n", far, "route", "add", f"{V6}/128", "via", "2001:db8::1")


@contextmanager
def collecting(wire: Cable, lake: Path, *targets: str) -> Iterator[None]:
    command = [*wire.here, sys.executable, "-m", "tidegauge", "collect", "--lake", str(lake)]
    command += ["--listen", f"udp://[::]:{PORT}", "--keep-raw", "1h"]
    for target in targets:
        command += ["--forward", target]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert any(line.startswith("listening ") for line in process.stderr)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=20)
    assert process.returncode == 0


def test_nfcapd_sees_the_exporters_address(seen: Seen) -> None:
    assert nfdump.bytes_by_exporter(seen.v4) == {V4: set(FLOWS[V4]), "192.0.2.1": set(FLOWS[V6])}
    assert nfdump.bytes_by_exporter(seen.v6) == {V6: set(FLOWS[V6]), "2001:db8::1": set(FLOWS[V4])}


def test_tshark_reads_what_was_kept(seen: Seen) -> None:
    [file] = raw_files(Lake.open(seen.lake))
    command = [find_peer("tshark"), "-r", str(file.path), "-d", f"udp.port=={PORT},cflow", "-T", "fields"]
    fields = (
        "ip.src",
        "ipv6.src",
        "udp.srcport",
        "udp.dstport",
        "udp.checksum.status",
        "cflow.count",
        "frame.interface_name",
    )
    command += ["-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    command += [word for field in fields for word in ("-e", field)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    good = ["50000", str(PORT), "1", "30", f"udp://[::]:{PORT}"]
    assert [line.split("\t") for line in lines] == [[V4, "", *good]] * 2 + [["", V6, *good]] * 2
