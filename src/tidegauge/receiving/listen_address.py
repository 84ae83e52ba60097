"""Where to listen: ``udp://HOST:PORT`` as people write it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

COLLECTOR_TRANSPORTS = ("udp", "tcp", "tls")
"""What flow exports arrive by."""


class ListenAddress(NamedTuple):
    """A place to listen; port 0 lets the system choose.

    >>> str(ListenAddress.parse("udp://[::]:2055"))
    'udp://[::]:2055'
    """

    host: str
    port: int
    transport: str = "udp"

    @classmethod
    def parse(cls, text: str, transports: Sequence[str] = ("udp",)) -> ListenAddress:
        """Read ``udp://HOST:PORT``, an IPv6 host in brackets; raises ValueError with a sentence otherwise."""
        parts = urlsplit(text)
        if parts.scheme not in transports:
            forms = " or ".join(f"{transport}://HOST:PORT" for transport in transports)
            raise ValueError(
                f"{text}: listeners are written {forms}, for example {transports[0]}://0.0.0.0:2055"
            )
        try:
            host, port = str(ip_address(parts.hostname or "")), parts.port
        except ValueError as error:
            raise ValueError(f"{text}: {error}; the host is an IP address, an IPv6 one in brackets") from None
        if port is None:
            raise ValueError(
                f"{text}: the port is missing; NetFlow usually goes to 2055, IPFIX to 4739, sFlow to 6343"
            )
        if parts.path or parts.query or parts.fragment or parts.username:
            raise ValueError(f"{text}: nothing may follow the port of a listener")
        return cls(host, port, parts.scheme)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}://{host}:{self.port}"
