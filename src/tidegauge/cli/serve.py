"""``tidegauge serve``: the dashboard and the HTTP API over an existing lake."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tidegauge.app.stop_signals import StopSignals
from tidegauge.cli.http_address import HttpAddressType
from tidegauge.cli.options import lake_option
from tidegauge.store.lake import Lake
from tidegauge.telemetry import log
from tidegauge.web.application import create_application
from tidegauge.web.gate import is_loopback
from tidegauge.web.http_address import HttpAddress
from tidegauge.web.server import Server

if TYPE_CHECKING:
    from pathlib import Path

UNREACHABLE = 4
WATCH_SECONDS = 3600.0


class AddressTakenError(click.ClickException):
    """The address cannot be listened on."""

    exit_code = UNREACHABLE


@click.command("serve")
@click.option(
    "--http",
    "address",
    type=HttpAddressType(),
    default="127.0.0.1:8480",
    show_default=True,
    metavar="ADDR:PORT",
    help="Where to answer. Port 0 takes a free one.",
)
@click.option(
    "--token",
    envvar="TIDEGAUGE_TOKEN",
    metavar="TOKEN",
    help="What strangers must know; needed for any address but loopback.  [default: $TIDEGAUGE_TOKEN]",
)
@lake_option
def command(address: HttpAddress, token: str | None, lake: Path) -> None:
    """Serve the dashboard and the HTTP API of a lake, until SIGTERM or Ctrl-C.

    It reads, beside any collector that writes, and writes down only the names that somebody pins on a page,
    and for its next start what pages were told last.
    The lake's folder need not hold a flow yet.
    """
    if not token and not is_loopback(address.host):
        raise click.UsageError(
            f"{address.host} can be reached from elsewhere; give --token or $TIDEGAUGE_TOKEN"
        )
    log.write_to()
    Lake.open(lake)  # A wrong --lake should be told now, not to the first visitor.
    with StopSignals() as signals:
        server = _bound(lake, token or None, address)
        server.start()
        click.echo(f"listening {server.address}", err=True)
        while not signals.arrived_within(WATCH_SECONDS):
            pass
        server.stop()


def _bound(lake: Path, token: str | None, address: HttpAddress) -> Server:
    try:
        return Server(create_application(lake, token, clock=time.time_ns, foresees=True), *address)
    except OSError as error:
        raise AddressTakenError(f"cannot listen on {address.host}:{address.port}: {error.strerror}") from None
