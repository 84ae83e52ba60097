"""Which server to ask, and whether with NTS, as people write it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

NTP_PORT = 123
KEY_ESTABLISHMENT_PORT = 4460

_PORTS = {"ntp": NTP_PORT, "nts": KEY_ESTABLISHMENT_PORT}


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A name or an address, and a port: for NTS the one where keys are established, over TCP."""

    host: str
    port: int
    is_nts: bool = False

    @classmethod
    def parse(cls, text: str, *, is_nts: bool = False) -> ServerAddress:
        """Read ``HOST``, ``HOST:PORT``, ``ntp://HOST:PORT`` or ``nts://HOST:PORT``.

        An IPv6 address may stand bare, but needs brackets before a port. Raises ValueError for anything else.

        >>> ServerAddress.parse("nts://time.example.org")
        ServerAddress(host='time.example.org', port=4460, is_nts=True)
        """
        scheme, separator, rest = text.rpartition("://")
        if separator and scheme not in _PORTS:
            raise ValueError(f"{text}: servers are asked by ntp:// or nts://")
        kind = scheme or ("nts" if is_nts else "ntp")
        host, port = _host_and_port(rest)
        return cls(host, _PORTS[kind] if port is None else port, kind == "nts")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        kind = "nts" if self.is_nts else "ntp"
        return f"{kind}://{host}" if self.port == _PORTS[kind] else f"{kind}://{host}:{self.port}"


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.count(":") > 1 and not text.startswith("["):
        return text, None
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from None
    if not host or parts.path or parts.query:
        raise ValueError(f"{text}: write a name or an address, and a port after a colon")
    return host, port
