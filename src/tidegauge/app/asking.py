"""Asking: small questions of ours whose way through routers bounds the clocks of these.

Each leaves from a fresh port, so that its flow is its own. But for those of NTP our stamps lie outside the
kernel's: before the question is handed over, and after its answer was. That makes a bound wider, never wrong.
"""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tidegauge.app.target_address import TargetAddress
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.exchange import Exchange
from tidegauge.ntp import client

if TYPE_CHECKING:
    from collections.abc import Callable

PORTS = {"ntp": 123, "dns": 53, "tcp": None}
_TCP, _UDP = 6, 17
_UDP_HEADERS = {socket.AF_INET: 28, socket.AF_INET6: 48}
_LONGEST_ANSWER = 4096
_PATIENCE = 8  # datagrams that are no answer
_DNS_HEADER = struct.Struct(">HHHHHH")
_DNS_RECURSE, _DNS_NS, _DNS_INTERNET = 0x0100, 2, 1


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask, and what: ``ntp``, ``dns`` or ``tcp``.

    >>> Target.parse("tcp://[2001:db8::1]:443"), Target.parse("ntp://ntp.example").port
    (Target(kind='tcp', host='2001:db8::1', port=443), 123)
    """

    kind: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read ``ntp://HOST``, ``dns://HOST`` or ``tcp://HOST:PORT``; raises ValueError with a sentence."""
        found = TargetAddress.parse(text)
        if found is None or found.scheme not in PORTS:
            raise ValueError(f"{text}: write ntp://HOST, dns://HOST or tcp://HOST:PORT")
        port = found.port or PORTS[found.scheme]
        if not port:
            raise ValueError(f"{text}: a connection needs a port, as in tcp://{found.host}:443")
        return cls(found.scheme, found.host, port)

    def __str__(self) -> str:
        return str(TargetAddress(self.kind, self.host, self.port))


def ask(
    target: Target, clock: Callable[[], int], clock_bound: int | None, timeout_seconds: float
) -> Exchange:
    """Ask once. ``clock`` gives nanoseconds since 1970 and may be off by ``clock_bound``.

    Raises OSError where nothing answers in time.
    """
    try:
        if target.kind == "ntp":
            found = client.ask(target.host, target.port, timeout_seconds=timeout_seconds).exchange
        else:
            found = _asked(target, clock, timeout_seconds)
    except OSError as error:
        raise OSError(f"no answer from {target}: {error}") from error
    return msgspec.structs.replace(found, clock_bound=clock_bound)


def _asked(target: Target, clock: Callable[[], int], timeout_seconds: float) -> Exchange:
    is_tcp = target.kind == "tcp"
    kind, meet = (socket.SOCK_STREAM, _connected) if is_tcp else (socket.SOCK_DGRAM, _answered)
    failure = OSError(f"{target.host} has no address")
    for family, _, _, _, address in socket.getaddrinfo(target.host, target.port, type=kind):
        with socket.socket(family, kind) as link:
            link.settimeout(timeout_seconds)
            try:
                return _exchange(link, meet(link, address, clock))
            except OSError as error:
                failure = error
    raise failure


class _Asked(NamedTuple):
    protocol: int
    sent: int
    received: int
    request_bytes: int | None = None
    reply_bytes: int | None = None


def _exchange(link: socket.socket, asked: _Asked) -> Exchange:
    (client_address, client_port), (server, server_port) = link.getsockname()[:2], link.getpeername()[:2]
    return Exchange(
        client_address=_packed(client_address),
        client_port=client_port,
        server_address=_packed(server),
        server_port=server_port,
        protocol=asked.protocol,
        sent=asked.sent,
        received=asked.received,
        request_bytes=asked.request_bytes,
        reply_bytes=asked.reply_bytes,
    )


def _packed(address: str) -> bytes:
    return address_from_text(address.partition("%")[0]).to_bytes(16, "big")


def _connected(link: socket.socket, address: tuple[Any, ...], clock: Callable[[], int]) -> _Asked:
    sent = clock()
    link.connect(address)
    return _Asked(_TCP, sent, clock())


def _answered(link: socket.socket, address: tuple[Any, ...], clock: Callable[[], int]) -> _Asked:
    """Ask who serves the root: every resolver knows without asking anybody."""
    # Connected, so that the kernel drops what others send us.
    link.connect(address)
    number = secrets.randbelow(2**16)
    question = _DNS_HEADER.pack(number, _DNS_RECURSE, 1, 0, 0, 0) + bytes(1)
    question += struct.pack(">HH", _DNS_NS, _DNS_INTERNET)
    sent, headers = clock(), _UDP_HEADERS[link.family]
    link.send(question)
    for _ in range(_PATIENCE):
        answer = link.recv(_LONGEST_ANSWER)
        received = clock()
        if answer[:2] == question[:2]:
            return _Asked(_UDP, sent, received, headers + len(question), headers + len(answer))
    raise OSError("it answers, but not what was asked")
