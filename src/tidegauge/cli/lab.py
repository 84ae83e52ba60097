"""``tidegauge lab``: real networks to try things in."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegauge.app.stop_signals import StopSignals
from tidegauge.cli.http_address import HttpAddressType
from tidegauge.cli.options import output_options
from tidegauge.cli.output import refuse_mixed, write_rows
from tidegauge.lab.wired.comparison import COLUMNS, compare
from tidegauge.lab.wired.meters import Meter
from tidegauge.lab.wired.namespaces import OfficeRunsError
from tidegauge.lab.wired.network import EDGE1, LAN, PEOPLE
from tidegauge.lab.wired.office import missing, wired_office
from tidegauge.store.lake import Lake
from tidegauge.telemetry import log
from tidegauge.web.application import create_application
from tidegauge.web.gate import is_loopback
from tidegauge.web.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.lab.wired.office import WiredOffice
    from tidegauge.web.http_address import HttpAddress

WATCH_SECONDS = 3600.0
PACKAGES = {"ip": "iproute2", "nft": "nftables", "dnsmasq": "dnsmasq-base"}
"""Where a program comes from, if its package has another name."""


class NoOfficeError(click.ClickException):
    """The office cannot be opened here."""

    exit_code = 4


@click.group("lab")
def command() -> None:
    """Real networks to try things in."""


@command.command("office")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=30.0,
    show_default=True,
    help="How long people work; each stands for a minute.",
)
@click.option(
    "--http",
    "address",
    type=HttpAddressType(),
    default="127.0.0.1:8480",
    show_default=True,
    metavar="ADDR:PORT",
    help="Where the page answers meanwhile; port 0 takes a free one.",
)
@click.option("--stay", is_flag=True, help="Keep the page after the end, until Ctrl-C.")
@click.option(
    "--meter",
    type=click.Choice([meter.value for meter in Meter]),
    default=Meter.TIDEGAUGE.value,
    show_default=True,
    help="What meters at edge1: our own probe, or softflowd, so that only the resolver's log tells sites.",
)
@click.option("--webmail", "is_webmail", is_flag=True, help="Have Sarah mail in a browser.")
@click.option(
    "--lake",
    "kept",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIRECTORY",
    help="Keep the lake here, in a folder that is not there yet; else it is gone at the end.",
)
@click.option(
    "--truth",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep here as JSON what everybody did, and what the kernel counted.",
)
@output_options
def office(
    seconds: float,
    address: HttpAddress,
    meter: str,
    kept: Path | None,
    path: Path | None,
    format_name: str | None,
    *,
    stay: bool,
    is_webmail: bool,
    envelope: bool,
) -> None:
    """Open an office with a real network, in network namespaces of this machine; needs root.

    Laptops lease addresses. John streams, Sarah mails, Alex downloads, Mia browses and Tom mails in a
    browser, through a router that hides them behind one address, edge1. What goes to the mail and file
    servers also passes a second one, edge2, whose clock is five minutes fast. The way to the internet takes
    its time, and loses some of what John watches. At the end a guest scans and floods. Probes, a collector
    and its page run beside it.

    Then comes a row for each person and site: what the lake tells, and what is true. Nothing leaves this
    machine, and nothing is left at the end.

    \b
    tidegauge lab office --truth truth.json
    tidegauge lab office --lake office --stay
    """
    refuse_mixed(format_name, envelope=envelope)
    _check(Meter(meter), kept, path)
    log.write_to()
    people = [
        seat._replace(script="webmail") if is_webmail and seat.name == "sarah" else seat for seat in PEOPLE
    ]
    with (
        StopSignals() as signals,
        _failures_told(),
        wired_office(kept, Meter(meter), people) as opened,
        _page(opened.lake, address) as page,
    ):
        _introduce(opened, page)
        if not _played(opened, seconds, signals):
            raise click.Abort
        truth = opened.close()
        if path:
            path.write_text(truth.to_text())
        rows = compare(Lake.open(opened.lake), truth, time.time_ns())
        write_rows(rows, COLUMNS, format_name, envelope=envelope)
        if stay:
            click.echo(f"over; the page stays at {page} until Ctrl-C", err=True)
            while not signals.arrived_within(WATCH_SECONDS):
                pass


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except click.Abort:
        raise
    except OfficeRunsError as error:
        raise NoOfficeError(str(error)) from None
    except RuntimeError as error:
        raise NoOfficeError(f"the office closed: {error}") from None


def _played(opened: WiredOffice, seconds: float, signals: StopSignals) -> bool:
    is_over = signals.arrived_within
    return opened.work(seconds, is_over) and opened.intrude(is_over)


def _check(meter: Meter, lake: Path | None, truth: Path | None) -> None:
    if absent := missing(meter):
        packages = " ".join(PACKAGES.get(name, name) for name in absent)
        raise NoOfficeError(f"the office needs {', '.join(absent)}; on Debian: apt install {packages}")
    if os.geteuid() != 0:
        raise NoOfficeError("only root can make network namespaces: run this with sudo")
    if lake and lake.exists() and any(lake.iterdir()):
        raise NoOfficeError(
            f"{lake} is there already; the office's lake holds nothing else, so name a new folder"
        )
    if truth and not truth.absolute().parent.is_dir():
        raise NoOfficeError(f"{truth.parent} is no folder, so {truth.name} cannot be written there")


@contextmanager
def _page(lake: Path, address: HttpAddress) -> Iterator[str]:
    """The dashboard at an address of this machine, for whoever looks at it from outside of the office."""
    token = None if is_loopback(address.host) else secrets.token_urlsafe(16)
    try:
        server = Server(create_application(lake, token, clock=time.time_ns), *address)
    except OSError as error:
        raise NoOfficeError(f"cannot listen on {address.host}:{address.port}: {error.strerror}") from None
    server.start()
    try:
        # All of the story is of the last minutes.
        yield f"{server.address}/?since=now-15m" + (f"&token={token}" if token else "")
    finally:
        server.stop()


def _introduce(opened: WiredOffice, page: str) -> None:
    names = ", ".join(person.seat.name for person in opened.people)
    lines = [
        f"dashboard {page}",
        *(f"{person.seat.name:9} {person.address}" for person in (*opened.people, opened.guest)),
        f"open: {names} behind {opened.places[EDGE1].namespace}, whose interface {LAN} sees all",
    ]
    click.echo("\n".join(lines), err=True)
