"""Target addresses: whom to ask and how, as people write it: ``ntp://HOST``, ``tcp://HOST:PORT``."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit


class TargetAddress(NamedTuple):
    """A scheme, a name or an address, and a port where one was written."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> TargetAddress | None:
        """Read an address; None where it has no host, or more than these parts.

        Raises ValueError with a sentence where a part is none.

        >>> TargetAddress.parse("tcp://[2001:db8::1]:443")
        TargetAddress(scheme='tcp', host='2001:db8::1', port=443)
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
        if not host or parts.path or parts.query or parts.fragment:
            return None
        return cls(parts.scheme, host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" if self.port is None else f"{self.scheme}://{host}:{self.port}"
