"""A hundred thousand templates from as many forged exporters, beside an honest one that said its own once."""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Address
from pathlib import Path
from typing import Self

import pytest

from tests.chaos.daemon import Daemon
from tests.conformance.heard import OCTETS, data, ipfix, template
from tests.flow_sender import wait_until
from tests.numbered_flows import ledger_sum, numbers_in
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake

FORGED = 100_000
FORGED_FIELDS = [(element, 4) for element in range(1, 61)]
FIRST_FORGED = int(IPv4Address("127.16.0.1"))
AT_ONCE = 500
IP_PKTINFO = 8
"""Says from which address a datagram is to come; Linux's number, which Python does not name."""
MEGABYTE = 1_000_000
TEMPLATE_MEMORY, EXPORTERS = 8, 4096
"""Mebibytes that templates may take, and exporters: all that is sent would take many times that."""
MOST_GROWTH = 150 * MEGABYTE
"""For templates, ten kilobytes for each exporter, and the ledger rows of a flood between two drains."""
KNOWN_BY = 40
COUNTED = ("datagrams", "evicted_templates", "evicted_sessions")


class Honest:
    """An exporter that says its template once, and then flows with a number each."""

    def __init__(self, target: ListenAddress) -> None:
        self._target = (target.host, target.port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.9", 0))
        self.sent = 0

    def send(self, count: int) -> None:
        """Send the next ones, a flow to a datagram."""
        for number in range(self.sent, self.sent + count):
            sets = [data(256, number)] if number else [template(256, (OCTETS, 4)), data(256, 0)]
            self._socket.sendto(ipfix(*sets, sequence=number), self._target)
        self.sent += count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def flood(daemon: Daemon, honest: Honest) -> int:
    """Send a template from each of many addresses of the loopback; returns the most memory seen."""
    target = (daemon.address.host, daemon.address.port)
    message = ipfix(template(256, *FORGED_FIELDS))
    resident = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(FORGED):
            source = struct.pack(">I", FIRST_FORGED + number)
            information = struct.pack("=I4s4s", 0, source, bytes(4))
            ancillary = [(socket.IPPROTO_IP, IP_PKTINFO, information)]
            sender.sendmsg([message], ancillary, 0, target)
            if number % AT_ONCE == 0:
                honest.send(1)
                resident = max(resident, daemon.resident_bytes)
                wait_until(lambda: unread_bytes(target[1]) < MEGABYTE)
    return resident


def unread_bytes(port: int) -> int:
    """What waits in the kernel for whoever listens at a UDP port of the loopback."""
    wanted = f"0100007F:{port:04X}"
    sockets = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return next(int(words[4].partition(":")[2], 16) for words in sockets if words[1] == wanted)


@pytest.mark.proves("A8", "I8")
def test_forged_exporters_take_neither_memory_nor_an_honest_ones_template(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    limits = ("--template-memory", str(TEMPLATE_MEMORY), "--maximum-exporters", str(EXPORTERS))
    with Daemon(lake, options=limits) as daemon, Honest(daemon.address) as honest:
        honest.send(KNOWN_BY)
        wait_until(lambda: len(numbers_in(Lake.open(lake))) == honest.sent)
        before = daemon.resident_bytes
        resident = flood(daemon, honest)
        honest.send(1)
        wait_until(lambda: len(numbers_in(Lake.open(lake))) == honest.sent)
        statistics = daemon.stop()
    told = {name: ledger_sum(Lake.open(lake), name) for name in COUNTED}
    assert statistics["lost"]["kernel"] == 0, "each was decoded"
    assert statistics["datagrams"] == told["datagrams"] == FORGED + honest.sent
    assert numbers_in(Lake.open(lake)) == list(range(honest.sent))
    assert (statistics["parked"], statistics["lost"]["sequence"]) == (0, 0)
    assert told["evicted_templates"] > 0, "the bound on bytes was reached"
    assert told["evicted_sessions"] > FORGED / 2
    assert resident - before < MOST_GROWTH, f"{resident - before} bytes more than before"
    assert len(statistics["exporters"]) <= EXPORTERS
