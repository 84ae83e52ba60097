"""Where a page or an API answers: ``ADDR:PORT`` as people write it."""

from __future__ import annotations

from typing import NamedTuple

import click

HIGHEST_PORT = 65535


class HttpAddress(NamedTuple):
    """Where to listen."""

    host: str
    port: int


class HttpAddressType(click.ParamType[HttpAddress]):
    """``ADDR:PORT``; an IPv6 address stands in brackets."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> HttpAddress:
        """Read the address, or end with a usage error that says what is wrong with it."""
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > HIGHEST_PORT:
            self.fail(f"{value!r} is not ADDR:PORT, for example 127.0.0.1:8480", param, ctx)
        return HttpAddress(host.strip("[]"), int(port))
