"""Captures of small conversations, packet by packet, with real TLS and QUIC clients' first words in them."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicProtocolVersion
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import wrpcap

CLIENT, SERVER, RESOLVER = "10.0.0.1", "192.0.2.80", "10.0.0.53"
SEGMENT_BYTES = 1400
MILLISECOND = 0.001


def hello(name: str | None, *protocols: str) -> bytes:
    """What OpenSSL sends first."""
    context = ssl.create_default_context()
    context.check_hostname = False
    if protocols:
        context.set_alpn_protocols(list(protocols))
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("nobody answered")


def initials(name: str, version: QuicProtocolVersion, *protocols: str) -> list[bytes]:
    """The datagrams that aioquic sends first."""
    configuration = QuicConfiguration(
        server_name=name,
        alpn_protocols=list(protocols or ("h3",)),
        original_version=version,
        supported_versions=[version],
    )
    connection = QuicConnection(configuration=configuration)
    connection.connect((SERVER, 443), now=0.0)
    return [datagram for datagram, _ in connection.datagrams_to_send(now=0.0)]


@dataclass
class Wire:
    """What passes, in order; each packet a millisecond after the one before unless told."""

    start: float = 1_700_000_000.0
    packets: list[Packet] = field(default_factory=list)

    def pass_by(self, packet: Packet, after: float = MILLISECOND) -> None:
        """Let an IP packet pass."""
        self.start += after
        frame = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet
        frame.time = self.start
        self.packets.append(frame)

    def tcp(
        self,
        pieces: Iterable[bytes],
        *,
        server: str = SERVER,
        port: int = 443,
        src_port: int = 50_000,
        answer: int = 0,
        told: Iterable[bytes] = (),
    ) -> None:
        """A connection whose client sends these pieces, and is told those and so many bytes more."""
        there = IP(src=CLIENT, dst=server) / TCP(sport=src_port, dport=port)
        back = IP(src=server, dst=CLIENT) / TCP(sport=port, dport=src_port)
        client, served = 1000, 5000
        self.pass_by(_segment(there, "S", client, 0))
        client += 1
        self.pass_by(_segment(back, "SA", served, client), 30 * MILLISECOND)
        served += 1
        self.pass_by(_segment(there, "A", client, served), 10 * MILLISECOND)
        for piece in pieces:
            self.pass_by(_segment(there, "PA", client, served, piece))
            client += len(piece)
        after = 30 * MILLISECOND
        for piece in [*told] or [b""]:
            self.pass_by(_segment(back, "A", served, client, piece), after)
            served += len(piece)
            after = MILLISECOND
        for _ in range(answer // SEGMENT_BYTES):
            self.pass_by(_segment(back, "A", served, client, bytes(SEGMENT_BYTES)))
            served += SEGMENT_BYTES
        self.pass_by(_segment(there, "A", client, served), 10 * MILLISECOND)

    def quic(self, datagrams: Iterable[bytes], *, src_port: int = 50_001, answer: int = 0) -> None:
        """A client's first datagrams, and so many bytes for it that nobody can read."""
        for datagram in datagrams:
            self.pass_by(IP(src=CLIENT, dst=SERVER) / UDP(sport=src_port, dport=443) / datagram)
        for _ in range(answer // SEGMENT_BYTES):
            self.pass_by(
                IP(src=SERVER, dst=CLIENT)
                / UDP(sport=443, dport=src_port)
                / (b"\x40" + bytes(SEGMENT_BYTES - 1))
            )

    def dns(
        self,
        name: str,
        address: str,
        *,
        ttl: int = 60,
        id: int = 7,  # noqa: A002
        asked: bool = True,
        over_tcp: bool = False,
        piece_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """A question and its answer by way of an alias; or an answer that nobody asked for."""
        question = DNSQR(qname=name)
        records = DNSRR(rrname=name, type="CNAME", rdata="edge.example.net", ttl=ttl)
        records /= DNSRR(rrname="edge.example.net", rdata=address, ttl=ttl)
        answer = DNS(id=id, qr=1, qd=question, an=records, ancount=2)
        if over_tcp:
            sent = [bytes(DNS(id=id, qd=question))] if asked else []
            whole = counted(bytes(answer))
            told = [whole[start : start + piece_bytes] for start in range(0, len(whole), piece_bytes)]
            return self.tcp(map(counted, sent), server=RESOLVER, port=53, told=told)
        if asked:
            self.pass_by(IP(src=CLIENT, dst=RESOLVER) / UDP(sport=40_000, dport=53) / DNS(id=id, qd=question))
        return self.pass_by(IP(src=RESOLVER, dst=CLIENT) / UDP(sport=53, dport=40_000) / answer)

    def write(self, path: Path) -> Path:
        """Write a capture file."""
        wrpcap(str(path), self.packets)
        return path


def counted(message: bytes) -> bytes:
    """A DNS message as TCP carries it."""
    return len(message).to_bytes(2) + message


def _segment(ends: Packet, flags: str, sequence: int, acknowledgment: int, payload: bytes = b"") -> Packet:
    segment = ends.copy()
    segment[TCP].flags, segment[TCP].seq, segment[TCP].ack = flags, sequence, acknowledgment
    return segment / payload if payload else segment
