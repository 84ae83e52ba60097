"""Where to listen: ``udp://HOST:PORT`` as people write it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit


class ListenAddress(NamedTuple):
    """A place to listen; port 0 lets the system choose.

    >>> str(ListenAddress.parse("udp://[::]:2055"))
    'udp://[::]:2055'
    """

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ListenAddress:
        """Read ``udp://HOST:PORT``, an IPv6 host in brackets; raises ValueError with a sentence otherwise."""
        parts = urlsplit(text)
        if parts.scheme != "udp":
            raise ValueError(f"{text}: listeners are written udp://HOST:PORT, for example udp://0.0.0.0:2055")
        try:
            host, port = str(ip_address(parts.hostname or "")), parts.port
        except ValueError as error:
            raise ValueError(f"{text}: {error}; the host is an IP address, an IPv6 one in brackets") from None
        if port is None:
            raise ValueError(f"{text}: the port is missing; NetFlow usually goes to 2055, IPFIX to 4739")
        if parts.path or parts.query or parts.fragment or parts.username:
            raise ValueError(f"{text}: nothing may follow the port of a listener")
        return cls(host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"udp://{host}:{self.port}"
