"""How commands are told where a page or an API answers."""

from __future__ import annotations

import click

from tidegauge.web.http_address import HttpAddress


class HttpAddressType(click.ParamType[HttpAddress]):
    """``ADDR:PORT``; an IPv6 address stands in brackets."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> HttpAddress:
        """Read the address, or end with a usage error that says what is wrong with it."""
        try:
            return HttpAddress.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
