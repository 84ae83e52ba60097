"""Exporters that are not ours, over TCP and TLS, into the real collector."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import Counter
from ipaddress import IPv4Address
from pathlib import Path

import pytest

import tidegauge
from tests.certificates import Authority
from tests.flow_sender import wait_until
from tests.peers import fixbuf
from tests.peers.collector import collect
from tests.peers.softflowd import PACKETS
from tests.peers.totals import packets_by_source, totals_by_source
from tests.surroundings import ROOT, find_peer

pytestmark = pytest.mark.peers

COUNT = 3_000


def has_stored(lake: Path, packets: int) -> bool:
    return bool(tidegauge.open(lake).top("protocol_version").totals["packets"] == packets)


def test_libfixbuf_over_tcp(tmp_path: Path) -> None:
    """Counters of three and five bytes, names of 0 to 300, and a sequence number that counts records."""
    lake = tmp_path / "lake"
    sent = [*fixbuf.flows(COUNT)]
    with collect(lake, transport="tcp") as port:
        command = [sys.executable, "-m", "tests.peers.fixbuf", str(port), str(COUNT)]
        subprocess.run(command, cwd=ROOT, check=True)
        wait_until(lambda: has_stored(lake, sum(flow.packets for flow in sent)))
    octets, packets, records, names = Counter[str](), Counter[str](), Counter[str](), Counter[str | None]()
    for flow in sent:
        source = str(IPv4Address(flow.src_addr))
        octets[source] += flow.bytes
        packets[source] += flow.packets
        records[source] += 1
        names[flow.user.content.decode() or None] += 1
    found = totals_by_source(lake)
    assert {source: total.bytes for source, total in found.items()} == octets
    assert {source: total.packets for source, total in found.items()} == packets
    assert {source: total.flows for source, total in found.items()} == records
    assert {row["user"]: row["flows"] for row in tidegauge.open(lake).top("user").rows} == names
    (row,) = tidegauge.open(lake).exporters().rows
    assert (row["observation_domain"], row["records"], row["lost_sequence"]) == (fixbuf.DOMAIN, COUNT, 0)


def test_softflowd_through_openssl(tmp_path: Path) -> None:
    """An exporter that only knows TCP, and a tunnel that shows a certificate for it."""
    lake = tmp_path / "lake"
    authority = Authority(tmp_path)
    certificate, key = authority.issue("collector")
    mine, my_key = authority.issue("exporter")
    options = [
        "--tls-certificate",
        str(certificate),
        "--tls-key",
        str(key),
        "--tls-trusted",
        str(authority.path),
    ]
    wire = packets_by_source(PACKETS)
    with collect(lake, transport="tls", options=options) as port:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            here = f"127.0.0.1:{listening.getsockname()[1]}"
            command = [find_peer("softflowd"), "-r", str(PACKETS), "-n", here, "-P", "tcp", "-v", "10", "-a"]
            command += ["-6", "-A", "milli", "-c", "none", "-d", "-p", str(tmp_path / "pid")]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as softflowd:
                connection, _ = listening.accept()
                with connection:
                    command = [find_peer("openssl"), "s_client", "-quiet", "-no_ign_eof"]
                    command += ["-connect", f"127.0.0.1:{port}", "-cert", str(mine), "-key", str(my_key)]
                    command += ["-CAfile", str(authority.path), "-verify_return_error"]
                    subprocess.run(
                        command, stdin=connection.fileno(), capture_output=True, check=True, timeout=30
                    )
                softflowd.wait(20)
        wait_until(lambda: has_stored(lake, sum(packets for _, packets in wire.values())))
    found = totals_by_source(lake)
    assert {source: (total.bytes, total.packets) for source, total in found.items()} == wire
