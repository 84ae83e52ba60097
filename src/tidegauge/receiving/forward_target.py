"""Whom datagrams are sent on to: ``udp://HOST:PORT`` as people write it."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.receiving.listen_address import ListenAddress


class ForwardTarget(NamedTuple):
    """Another collector: a name or an address, and its port.

    >>> str(ForwardTarget.parse("udp://[2001:db8::1]:2055"))
    'udp://[2001:db8::1]:2055'
    """

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ForwardTarget:
        """Read ``udp://HOST:PORT``, an IPv6 host in brackets; raises ValueError with a sentence otherwise."""
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
        if parts.scheme != "udp" or not host or not port:
            raise ValueError(f"{text}: a collector is written udp://HOST:PORT, an IPv6 host in brackets")
        if parts.path or parts.query or parts.fragment or parts.username:
            raise ValueError(f"{text}: nothing may follow the port of a collector")
        return cls(host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"udp://{host}:{self.port}"


def refuse_loops(addresses: Iterable[ListenAddress], targets: Iterable[ForwardTarget]) -> None:
    """Raise ValueError where a target is one of our own listeners: it would send to itself for ever."""
    listening = [address for address in addresses if address.transport == "udp"]
    for target in targets:
        for address in listening:
            if address.port == target.port and _reaches(target, address.host):
                raise ValueError(f"{target} is where {address} listens: it would forward to itself for ever")


def _reaches(target: ForwardTarget, host: str) -> bool:
    """Whether datagrams to a target come to who listens at ``host``, as far as this machine knows."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
    except OSError:
        return False  # told when it is opened
    family, _, _, _, (ip, *_) = found[0]
    if not ip_address(host).is_unspecified:
        return ip_address(ip) == ip_address(host)
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Only our own addresses can be bound.
            probe.bind((ip, 0))
        except OSError:
            return False
    return True
