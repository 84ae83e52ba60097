"""Where to export to, and in which protocol: ``ipfix+udp://HOST:PORT`` as people write it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

PROTOCOL_VERSIONS = ("netflow5", "netflow9", "ipfix")


class ExportTarget(NamedTuple):
    """A collector and the protocol it is spoken to in.

    >>> ExportTarget.parse("netflow9+udp://[::1]:2055")
    ExportTarget(protocol_version='netflow9', host='::1', port=2055)
    """

    protocol_version: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ExportTarget:
        """Read ``PROTOCOL+udp://HOST:PORT``; raises ValueError with a sentence otherwise.

        The host is a name or an address, an IPv6 one in brackets.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
        protocol_version, _, transport = parts.scheme.partition("+")
        if protocol_version not in PROTOCOL_VERSIONS:
            choices = ", ".join(f"{version}+udp://HOST:PORT" for version in PROTOCOL_VERSIONS)
            raise ValueError(f"{text}: exports are written {choices}")
        if transport != "udp":
            raise ValueError(f"{text}: only udp is spoken: write {protocol_version}+udp://")
        if not host or not port:
            raise ValueError(f"{text}: host and port are needed; NetFlow usually goes to 2055, IPFIX to 4739")
        if parts.path or parts.query or parts.fragment or parts.username:
            raise ValueError(f"{text}: nothing may follow the port of a collector")
        return cls(protocol_version, host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol_version}+udp://{host}:{self.port}"
