"""``tidegauge time``: ask a server for the time, be one, and look at our own clock."""

from __future__ import annotations

import signal
import threading

import click

from tidegauge.cli.time_query import query_command
from tidegauge.cli.time_status import status_command
from tidegauge.ntp.server import VouchedServer
from tidegauge.receiving.listen_address import ListenAddress


@click.group("time")
def command() -> None:
    """Ask for the time, serve it, and judge our own clock. The clock is never set."""


@command.command("serve")
@click.option(
    "--listen", required=True, metavar="udp://ADDR:PORT", help="Where to answer; port 0 takes a free one."
)
@click.option(
    "--local-stratum",
    type=click.IntRange(1, 15),
    help="Vouch for this machine's clock at this stratum where nothing else does.",
)
def serve_command(listen: str, local_stratum: int | None) -> None:
    """Answer NTP clients until told to stop.

    While nobody vouches for our clock, clients are told not to trust it.
    """
    try:
        address = ListenAddress.parse(listen)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None
    try:
        server = VouchedServer(address.host, address.port, local_stratum)
    except OSError as error:
        raise OSError(f"cannot listen on {address}: {error.strerror or error}") from None
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with server:
        click.echo(f"listening {ListenAddress(address.host, server.port)}", err=True)
        server.run(stop)


command.add_command(query_command)
command.add_command(status_command)
