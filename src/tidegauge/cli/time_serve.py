"""``tidegauge time serve``: answer NTP clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

import click

from tidegauge.app.cookie_key_file import CookieKeyFile
from tidegauge.app.key_keeping import KeyKeeping
from tidegauge.app.stop_signals import StopSignals
from tidegauge.app.time_station import RECORD_NAME, TimeStation
from tidegauge.cli.time_sources import time_source_options
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.ntp.key_server import Certificate, KeyServer
from tidegauge.ntp.leap_seconds import SYSTEM_LIST, LeapList, LeapPlan, LeapSecond
from tidegauge.ntp.own_clock import OwnClock, read_own_clock
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server import RENEWAL_SECONDS, Manners, VouchedServer
from tidegauge.ntp.server_address import KEY_ESTABLISHMENT_PORT, ServerAddress
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.telemetry import log

# What a busy office behind one address may need: a well-mannered client asks every 64 seconds, or longer.
REQUESTS_PER_SECOND = 8.0

_File = click.Path(path_type=Path, dir_okay=False)

Command = TypeVar("Command", bound=Callable[..., Any])


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


def _manners_options(command: Command) -> Command:
    for option in (
        click.option("--kiss", is_flag=True, help="Tell some of those that ask too often to ask less often."),
        click.option(
            "--burst",
            type=click.IntRange(1, 1_000_000),
            default=32,
            show_default=True,
            help="Answers for one address at once.",
        ),
        click.option(
            "--rate-limit",
            type=click.FloatRange(0, 1e6),
            help="Answers a second for one address in the long run, 0 for no limit.  "
            "[default: 8; 0 on loopback]",
        ),
        click.option(
            "--deny",
            multiple=True,
            metavar="NETWORK",
            help="Do not answer these; of networks that hold an address the smallest decides.",
        ),
        click.option(
            "--allow",
            multiple=True,
            metavar="NETWORK",
            help="Answer these addresses only; may be given more than once.  [default: everybody]",
        ),
    ):
        command = option(command)
    return command


def _leap_options(command: Command) -> Command:
    for option in (
        click.option("--leap-at", metavar="TIME", help="A leap second to expect, ending then; for trials."),
        click.option(
            "--leap-list",
            type=_File,
            help=f"Leap seconds as the IERS lists them.  [default: {SYSTEM_LIST}, where there is one]",
        ),
        click.option(
            "--leap-smear",
            is_flag=True,
            help="Spread a leap second over the 24 hours around it, and do not announce it.",
        ),
    ):
        command = option(command)
    return command


def _nts_options(command: Command) -> Command:
    for option in (
        click.option(
            "--nts-port",
            type=click.IntRange(0, 65535),
            default=KEY_ESTABLISHMENT_PORT,
            show_default=True,
            help="TCP port for establishing keys; 0 takes a free one.",
        ),
        click.option("--nts-key", type=_File, help="The certificate's key (PEM)."),
        click.option("--nts-certificate", type=_File, help="Offer NTS under this certificate chain (PEM)."),
    ):
        command = option(command)
    return command


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
    address = _listen_address(listen)
    manners = _manners(address, options)
    leaps = _leap_plan(options, time.time_ns())
    certificate = _certificate(options)
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
    records = [path for path in (state and state / RECORD_NAME, statistics_path) if path is not None]
    with (
        StopSignals() as signals,
        _judge(time_sources, trusted) as judge,
        _server(address, local_stratum, manners, leaps, judge) as server,
    ):
        listening = ListenAddress(address.host, server.port)
        click.echo(f"listening {listening}", err=True)
        with _nts(server, listening, certificate, options["nts_port"], state, manners) as keys:
            TimeStation(server, listening, records, time.time_ns, keys).run(signals.arrived_within)


def _listen_address(text: str) -> ListenAddress:
    try:
        return ListenAddress.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None


def _manners(address: ListenAddress, options: MannersOptions) -> Manners:
    rate_limit = options["rate_limit"]
    if rate_limit is None:
        rate_limit = 0.0 if ip_address(address.host).is_loopback else REQUESTS_PER_SECOND
    return Manners(
        allow=options["allow"],
        deny=options["deny"],
        requests_per_second=rate_limit or None,
        burst=options["burst"],
        kiss=options["kiss"],
    )


def _leap_plan(options: LeapOptions, now: int) -> LeapPlan:
    """The leap seconds to reckon with; says what is missing to know them."""
    path, leap_at, is_smeared = options["leap_list"], options["leap_at"], options["leap_smear"]
    leaps: tuple[LeapSecond, ...] = ()
    if path or SYSTEM_LIST.exists():
        leaps = _listed(path or SYSTEM_LIST, now, is_needed=is_smeared and leap_at is None)
    elif is_smeared and leap_at is None:
        raise click.UsageError(f"--leap-smear needs to know leap seconds: give --leap-list, or {SYSTEM_LIST}")
    if leap_at is not None:
        try:
            leaps = (*leaps, LeapSecond(instant_from_text(leap_at)))
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--leap-at") from None
    return LeapPlan(leaps=leaps, is_smeared=is_smeared)


def _listed(path: Path, now: int, *, is_needed: bool) -> tuple[LeapSecond, ...]:
    try:
        known = LeapList.from_text(path.read_text())
    except ValueError as error:
        raise OSError(f"{path}: {error}") from None
    if known.expires < now and is_needed:
        click.echo(f"warning: {path} has expired: a leap second since then is not known", err=True)
    return known.leaps


def _certificate(options: NtsOptions) -> Certificate | None:
    chain, key = options["nts_certificate"], options["nts_key"]
    if chain and key:
        return Certificate(chain, key)
    if chain or key:
        raise click.UsageError("NTS needs both --nts-certificate and --nts-key")
    return None


@contextmanager
def _judge(time_sources: Sequence[ServerAddress], trusted: Path | None) -> Iterator[Callable[[], OwnClock]]:
    """Who says how good our clock is until the server asks again: servers, or those on this machine."""
    if not time_sources:
        yield read_own_clock
        return
    polling = SourcePolling(time_sources, trusted)
    polling.ask_all(1)
    polling.start()
    try:
        yield lambda: OwnClock.from_judgement(polling.judge(RENEWAL_SECONDS))
    finally:
        polling.stop()


def _server(
    address: ListenAddress,
    local_stratum: int | None,
    manners: Manners,
    leaps: LeapPlan,
    judge: Callable[[], OwnClock],
) -> VouchedServer:
    try:
        return VouchedServer(address.host, address.port, local_stratum, manners, leaps, judge)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise OSError(f"cannot listen on {address}: {error.strerror or error}") from None


@contextmanager
def _nts(
    server: VouchedServer,
    listening: ListenAddress,
    certificate: Certificate | None,
    port: int,
    state: Path | None,
    manners: Manners,
) -> Iterator[KeyKeeping | None]:
    """Establish keys as long as the block runs, if there is a certificate to do it under."""
    if certificate is None:
        yield None
        return
    keys = KeyKeeping(server, CookieKeyFile(state), time.time_ns())
    try:
        key_server = KeyServer(
            (listening.host, port),
            certificate,
            time_port=listening.port,
            seal=keys.seal,
            admits=manners.admits,
        )
    except OSError as error:
        raise OSError(
            f"cannot establish keys on {listening.host} port {port}: {error.strerror or error}"
        ) from None
    with key_server:
        keys.key_server = key_server
        place = ListenAddress(listening.host, key_server.port)
        click.echo(f"listening {str(place).replace('udp:', 'nts-ke:')}", err=True)
        yield keys
