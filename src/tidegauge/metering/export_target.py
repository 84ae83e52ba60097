"""Where to export to, and in which protocol: ``ipfix+udp://HOST:PORT`` as people write it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing import TypeAlias

TRANSPORTS = {"netflow5": ("udp",), "netflow9": ("udp",), "ipfix": ("udp", "tcp", "tls")}
"""What each protocol travels by. NetFlow has no lengths that would tell its datagrams apart in a stream."""

_FILE = "ipfix+file:"


class ExportTarget(NamedTuple):
    """A collector and the protocol it is spoken to in.

    >>> ExportTarget.parse("netflow9+udp://[::1]:2055")
    ExportTarget(protocol_version='netflow9', host='::1', port=2055, transport='udp')
    """

    protocol_version: str
    host: str
    port: int
    transport: str = "udp"

    @classmethod
    def parse(cls, text: str) -> ExportTarget:
        """Read ``PROTOCOL+TRANSPORT://HOST:PORT``; raises ValueError with a sentence otherwise.

        The host is a name or an address, an IPv6 one in brackets.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
        protocol_version, _, transport = parts.scheme.partition("+")
        if protocol_version not in TRANSPORTS:
            choices = ", ".join(f"{version}+udp://HOST:PORT" for version in TRANSPORTS)
            raise ValueError(f"{text}: exports are written {choices}")
        if transport not in TRANSPORTS[protocol_version]:
            choices = " or ".join(f"{protocol_version}+{one}://" for one in TRANSPORTS[protocol_version])
            raise ValueError(f"{text}: {protocol_version} does not travel so: write {choices}")
        if not host or not port:
            raise ValueError(f"{text}: host and port are needed; NetFlow usually goes to 2055, IPFIX to 4739")
        if parts.path or parts.query or parts.fragment or parts.username:
            raise ValueError(f"{text}: nothing may follow the port of a collector")
        return cls(protocol_version, host, port, transport)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol_version}+{self.transport}://{host}:{self.port}"


class FileTarget(NamedTuple):
    """An IPFIX file (RFC 5655) to write."""

    path: Path
    protocol_version: str = "ipfix"

    def __str__(self) -> str:
        return f"{_FILE}{self.path}"


if TYPE_CHECKING:
    Target: TypeAlias = ExportTarget | FileTarget


def target_from_text(text: str) -> Target:
    """Read a collector, or ``ipfix+file:PATH``; raises ValueError with a sentence for anything else.

    >>> target_from_text("ipfix+file:flows.ipfix").path.name
    'flows.ipfix'
    """
    if not text.startswith(_FILE):
        return ExportTarget.parse(text)
    path = text.removeprefix(_FILE).removeprefix("//")
    if not path:
        raise ValueError(f"{text}: the file to write is missing: ipfix+file:PATH")
    return FileTarget(Path(path))
