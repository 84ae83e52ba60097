"""``tidegauge demo``: a simulated office, a real collector, and the page in front of it."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import click

from tidegauge.app.stop_signals import StopSignals
from tidegauge.cli.http_address import HttpAddressType
from tidegauge.lab.demonstration import demonstration
from tidegauge.lab.story import LOOK_FOR
from tidegauge.telemetry import log
from tidegauge.web.gate import is_loopback

if TYPE_CHECKING:
    from tidegauge.lab.demonstration import Demonstration
    from tidegauge.web.http_address import HttpAddress

COMPLETE_WITHIN_SECONDS = 60.0
CHECK_SECONDS = 0.2
SECOND = 1_000_000_000
DAY = 86_400 * SECOND


@click.command("demo")
@click.option(
    "--http",
    "listen",
    type=HttpAddressType(),
    default="127.0.0.1:8480",
    show_default=True,
    metavar="ADDR:PORT",
    help="Where the page answers; port 0 takes a free one.",
)
@click.option("--duration", type=click.FloatRange(min=0), metavar="S", help="End after this many seconds.")
@click.option(
    "--exit", "is_check", is_flag=True, help="End once the page answers and both routers have flows."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same office.")
def command(listen: HttpAddress, duration: float | None, seed: int, *, is_check: bool) -> None:
    """Show a simulated office of 50 people on a real collector.

    Two routers export real IPFIX and NetFlow v9 over loopback; the clock of one is five minutes fast.
    Names come from an inventory and from the log of the office's DHCP and DNS server. The past day is
    filled in, the present runs live, and everything is gone at the end.

    Look for John and YouTube, Sarah and her mails, Alex and Dropbox, an address that changes hands, the
    clock of edge2, and a scan at three in the night.

    \b
    tidegauge demo
    tidegauge demo --http 127.0.0.1:0 --duration 60
    """
    log.write_to()
    token = None if is_loopback(listen.host) else secrets.token_urlsafe(16)
    midnight = _last_midnight()
    with (
        StopSignals() as signals,
        demonstration(listen, token, seed=seed, midnight=midnight, clock=time.time_ns) as running,
    ):
        _introduce(running, token)
        if is_check:
            _await_completion(running, signals)
        else:
            _stay(signals, duration)


def _last_midnight() -> int:
    """The last midnight of this machine's time zone: the office's past keeps its hours."""
    now = time.time_ns()
    offset = time.localtime(now // SECOND).tm_gmtoff * SECOND
    return now - (now + offset) % DAY


def _introduce(running: Demonstration, token: str | None) -> None:
    page = running.page.address
    lines = [
        f"dashboard {page}/?token={token}" if token else f"dashboard {page}",
        f"listening {running.collector_address}",
        f"time      {running.time_address}",
        "edge1     127.0.0.11, IPFIX, between the office and the internet",
        "edge2     127.0.0.12, NetFlow v9, in front of the servers, clock 5 minutes fast",
        f"names     {running.logs.folder}, what the office's servers write down",
        f"lake      {running.lake.path}, gone at the end; Ctrl-C ends",
        "look for",
        *(f"  - {fact}" for fact in (*LOOK_FOR, running.second_hand)),
    ]
    click.echo("\n".join(lines), err=True)


def _stay(signals: StopSignals, duration: float | None) -> None:
    end = None if duration is None else time.monotonic() + duration
    while end is None or time.monotonic() < end:
        if signals.arrived_within(1.0 if end is None else min(1.0, max(0.0, end - time.monotonic()))):
            return


def _await_completion(running: Demonstration, signals: StopSignals) -> None:
    deadline = time.monotonic() + COMPLETE_WITHIN_SECONDS
    while missing := running.missing():
        if signals.arrived_within(CHECK_SECONDS):
            return
        if time.monotonic() > deadline:
            raise click.ClickException(
                f"after {COMPLETE_WITHIN_SECONDS:.0f} s still missing: {', '.join(missing)}"
            )
