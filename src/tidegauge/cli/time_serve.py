"""``tidegauge time serve``: answer NTP clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict, Unpack

import click

from tidegauge.app.stop_signals import StopSignals
from tidegauge.app.time_service import time_service
from tidegauge.app.time_service_order import TimeServiceOrder
from tidegauge.cli.option_group import option_group
from tidegauge.cli.time_sources import time_source_options
from tidegauge.ntp.leap_seconds import SYSTEM_LIST
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server import RENEWAL_SECONDS
from tidegauge.ntp.server_address import KEY_ESTABLISHMENT_PORT, ServerAddress
from tidegauge.telemetry import log

_File = click.Path(path_type=Path, dir_okay=False)


class MannersOptions(TypedDict):
    """What ``_manners_options`` hand over."""

    allow: tuple[str, ...]
    deny: tuple[str, ...]
    rate_limit: float | None
    burst: int
    kiss: bool


class LeapOptions(TypedDict):
    """What ``_leap_options`` hand over."""

    leap_smear: bool
    leap_list: Path | None
    leap_at: str | None


class NtsOptions(TypedDict):
    """What ``_nts_options`` hand over."""

    nts_certificate: Path | None
    nts_key: Path | None
    nts_port: int


class _Options(MannersOptions, LeapOptions, NtsOptions):
    pass


_manners_options = option_group(
    click.option(
        "--allow",
        multiple=True,
        metavar="NETWORK",
        help="Answer these addresses only; may be given more than once.  [default: everybody]",
    ),
    click.option(
        "--deny",
        multiple=True,
        metavar="NETWORK",
        help="Do not answer these; of networks that hold an address the smallest decides.",
    ),
    click.option(
        "--rate-limit",
        type=click.FloatRange(0, 1e6),
        help="Answers a second for one address in the long run, 0 for no limit.  [default: 8; 0 on loopback]",
    ),
    click.option(
        "--burst",
        type=click.IntRange(1, 1_000_000),
        default=32,
        show_default=True,
        help="Answers for one address at once.",
    ),
    click.option("--kiss", is_flag=True, help="Tell some of those that ask too often to ask less often."),
)


_leap_options = option_group(
    click.option(
        "--leap-smear",
        is_flag=True,
        help="Spread a leap second over the 24 hours around it, and do not announce it.",
    ),
    click.option(
        "--leap-list",
        type=_File,
        help=f"Leap seconds as the IERS lists them.  [default: {SYSTEM_LIST}, where there is one]",
    ),
    click.option("--leap-at", metavar="TIME", help="A leap second to expect, ending then; for trials."),
)


_nts_options = option_group(
    click.option("--nts-certificate", type=_File, help="Offer NTS under this certificate chain (PEM)."),
    click.option("--nts-key", type=_File, help="The certificate's key (PEM)."),
    click.option(
        "--nts-port",
        type=click.IntRange(0, 65535),
        default=KEY_ESTABLISHMENT_PORT,
        show_default=True,
        help="TCP port for establishing keys; 0 takes a free one.",
    ),
)


@click.command("serve")
@click.option(
    "--listen", required=True, metavar="udp://ADDR:PORT", help="Where to answer; port 0 takes a free one."
)
@click.option(
    "--local-stratum",
    type=click.IntRange(1, 15),
    help="Vouch for this machine's clock at this stratum where nothing else does.",
)
@_manners_options
@_nts_options
@_leap_options
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to keep who asks, for time clients, and the keys of NTS.  [default: nothing is kept]",
)
@click.option(
    "--stats-json",
    "statistics_path",
    type=_File,
    help="Keep what was asked, answered and ignored, and by whom, in this file.",
)
@time_source_options
def serve_command(
    listen: str,
    *,
    local_stratum: int | None,
    time_sources: tuple[ServerAddress, ...],
    trusted: Path | None,
    state: Path | None,
    statistics_path: Path | None,
    **options: Unpack[_Options],
) -> None:
    """Answer NTP clients until told to stop.

    Servers named by --time-source vouch for our clock, else a chronyd on this machine or the kernel. While
    nobody does, clients are told not to trust it. A quarter of the requests beyond an address's limit is
    answered all the same, so that nobody can cut a client off by asking in its name.
    """
    log.write_to()
    try:
        plan = TimeServiceOrder(listen=listen, local_stratum=local_stratum, **options).plan(time.time_ns())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    records = [statistics_path] if statistics_path else []
    with (
        StopSignals() as signals,
        _judge(time_sources, trusted) as judge,
        time_service(plan, judge, time.time_ns, state=state, records=records) as service,
    ):
        for place in service.listening:
            click.echo(f"listening {place}", err=True)
        service.station.run(signals.arrived_within)


@contextmanager
def _judge(
    time_sources: Sequence[ServerAddress], trusted: Path | None
) -> Iterator[Callable[[], OwnClock] | None]:
    """Servers that say how good our clock is until the server asks again, or None."""
    if not time_sources:
        yield None
        return
    polling = SourcePolling(time_sources, trusted)
    polling.ask_all(1)
    polling.start()
    try:
        yield lambda: OwnClock.from_judgement(polling.judge(RENEWAL_SECONDS))
    finally:
        polling.stop()
