"""``tidegauge time serve``: answer NTP clients."""

from __future__ import annotations

import time
from ipaddress import ip_address
from pathlib import Path

import click

from tidegauge.app.stop_signals import StopSignals
from tidegauge.app.time_station import RECORD_NAME, TimeStation
from tidegauge.ntp.server import Manners, VouchedServer
from tidegauge.receiving.listen_address import ListenAddress

# What a busy office behind one address may need: a well-mannered client asks every 64 seconds, or longer.
REQUESTS_PER_SECOND = 8.0


@click.command("serve")
@click.option(
    "--listen", required=True, metavar="udp://ADDR:PORT", help="Where to answer; port 0 takes a free one."
)
@click.option(
    "--local-stratum",
    type=click.IntRange(1, 15),
    help="Vouch for this machine's clock at this stratum where nothing else does.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="NETWORK",
    help="Answer these addresses only; may be given more than once.  [default: everybody]",
)
@click.option(
    "--deny",
    multiple=True,
    metavar="NETWORK",
    help="Do not answer these; of networks that hold an address the smallest decides.",
)
@click.option(
    "--rate-limit",
    type=click.FloatRange(0, 1e6),
    help="Answers a second for one address in the long run, 0 for no limit.  [default: 8; 0 on loopback]",
)
@click.option(
    "--burst",
    type=click.IntRange(1, 1_000_000),
    default=32,
    show_default=True,
    help="Answers for one address at once.",
)
@click.option("--kiss", is_flag=True, help="Tell some of those that ask too often to ask less often.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to keep who asks, for time clients.  [default: nothing is kept]",
)
@click.option(
    "--stats-json",
    "statistics_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep what was asked, answered and ignored, and by whom, in this file.",
)
def serve_command(
    listen: str,
    *,
    local_stratum: int | None,
    allow: tuple[str, ...],
    deny: tuple[str, ...],
    rate_limit: float | None,
    burst: int,
    kiss: bool,
    state: Path | None,
    statistics_path: Path | None,
) -> None:
    """Answer NTP clients until told to stop.

    While nobody vouches for our clock, clients are told not to trust it. A quarter of the requests beyond
    an address's limit is answered all the same, so that nobody can cut a client off by asking in its name.
    """
    address = _listen_address(listen)
    if rate_limit is None:
        rate_limit = 0.0 if ip_address(address.host).is_loopback else REQUESTS_PER_SECOND
    manners = Manners(allow=allow, deny=deny, requests_per_second=rate_limit or None, burst=burst, kiss=kiss)
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
    records = [path for path in (state and state / RECORD_NAME, statistics_path) if path is not None]
    with StopSignals() as signals, _server(address, local_stratum, manners) as server:
        listening = ListenAddress(address.host, server.port)
        click.echo(f"listening {listening}", err=True)
        TimeStation(server, listening, records, time.time_ns).run(signals.arrived_within)


def _listen_address(text: str) -> ListenAddress:
    try:
        return ListenAddress.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None


def _server(address: ListenAddress, local_stratum: int | None, manners: Manners) -> VouchedServer:
    try:
        return VouchedServer(address.host, address.port, local_stratum, manners)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise OSError(f"cannot listen on {address}: {error.strerror or error}") from None
