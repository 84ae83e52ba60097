"""Where a page or an API answers: ``ADDR:PORT`` as people write it."""

from __future__ import annotations

from typing import NamedTuple, Self

HIGHEST_PORT = 65535


class HttpAddress(NamedTuple):
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``ADDR:PORT``, an IPv6 address in brackets; raises ValueError with a sentence otherwise."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > HIGHEST_PORT:
            raise ValueError(f"{text!r} is not ADDR:PORT, for example 127.0.0.1:8480")
        return cls(host.strip("[]"), int(port))
