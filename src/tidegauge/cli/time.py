"""``tidegauge time``: ask a server for the time, be one, and look at our own clock."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import click

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import described
from tidegauge.cli.options import output_options
from tidegauge.cli.output import write_answer
from tidegauge.clock.instant_text import NANOSECONDS, text_from_instant
from tidegauge.ntp.client import NTP_PORT, query
from tidegauge.ntp.measurement import Measurement
from tidegauge.ntp.own_clock import read_own_clock
from tidegauge.ntp.server import VouchedServer
from tidegauge.query.statement import Column
from tidegauge.receiving.listen_address import ListenAddress

# Between two questions to one server: many allow a burst, but only one question a second on average.
SAMPLE_SPACING_SECONDS = 0.25

_MEASURED = (
    Column("server", "address"),
    Column("port", "uint16"),
    Column("offset_seconds", "float64", "seconds"),
    Column("bound_seconds", "float64", "seconds"),
    Column("delay_seconds", "float64", "seconds"),
    Column("synchronised", "boolean"),
    Column("stratum", "uint8"),
    Column("leap", "uint8"),
    Column("reference_id", "text"),
    Column("root_delay_seconds", "float64", "seconds"),
    Column("root_dispersion_seconds", "float64", "seconds"),
    Column("sent", "instant"),
    Column("server_received", "instant"),
    Column("server_sent", "instant"),
    Column("received", "instant"),
    Column("answers", "uint8"),
)
_SHOWN = ("server", "offset_seconds", "bound_seconds", "delay_seconds", "stratum", "reference_id")

_STATUS = (
    Column("synchronised", "boolean"),
    Column("bound_seconds", "float64", "seconds"),
    Column("source", "text"),
)


@click.group("time")
def command() -> None:
    """Ask for the time, serve it, and judge our own clock. The clock is never set."""


@command.command("query")
@click.argument("server", metavar="HOST[:PORT]")
@click.option(
    "--samples", type=click.IntRange(1, 100), default=4, show_default=True, help="Questions to ask."
)
@click.option(
    "--timeout-seconds",
    type=click.FloatRange(0.01, 60),
    default=2.0,
    show_default=True,
    help="How long to wait for each answer.",
)
@output_options
def query_command(
    server: str, samples: int, timeout_seconds: float, format_name: str | None, *, envelope: bool
) -> None:
    """Ask an NTP server how far our clock is off, and how wrong that may be.

    The offset is the server's clock minus ours. Of several answers the one with the shortest round trip
    counts.
    """
    host, port = _host_and_port(server)
    measurements, warnings = _measure(host, port, samples, timeout_seconds)
    best = min(measurements, key=lambda measurement: (not measurement.is_synchronised, measurement.delay))
    if not best.is_synchronised:
        warnings.append(f"{server} says itself that it does not know the time, so there is no bound")
    answer = Answer(data=[_row(best, len(measurements))], columns=described(_MEASURED), warnings=warnings)
    write_answer(answer, format_name, envelope=envelope, columns=_SHOWN)


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


@command.command("status")
@output_options
def status_command(format_name: str | None, *, envelope: bool) -> None:
    """Tell how far this machine's own clock may be off, and who says so."""
    clock = read_own_clock()
    row = {
        "synchronised": clock.is_synchronised,
        "bound_seconds": _seconds(clock.bound),
        "source": clock.source,
    }
    warning = "nobody keeps this clock right: its times compare with each other only; run an NTP client"
    warnings = [] if clock.is_synchronised else [warning]
    write_answer(
        Answer(data=[row], columns=described(_STATUS), warnings=warnings), format_name, envelope=envelope
    )


def _host_and_port(server: str) -> tuple[str, int]:
    """Split ``HOST[:PORT]``; an IPv6 address may stand bare, but needs brackets before a port."""
    if server.count(":") > 1 and not server.startswith("["):
        return server, NTP_PORT
    try:
        parts = urlsplit(f"//{server}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise click.BadParameter(f"{server}: {error}", param_hint="HOST[:PORT]") from None
    if not host or parts.path or parts.query:
        raise click.BadParameter(
            f"{server}: write a name or an address, and a port after a colon", param_hint="HOST[:PORT]"
        )
    return host, NTP_PORT if port is None else port


def _measure(
    host: str, port: int, samples: int, timeout_seconds: float
) -> tuple[list[Measurement], list[str]]:
    """Ask as often as told, except when the server refuses; what went wrong comes as sentences.

    Raises OSError when not one answer came.
    """
    measurements: list[Measurement] = []
    failure: OSError | None = None
    for asked in range(samples):
        if asked:
            time.sleep(SAMPLE_SPACING_SECONDS)
        try:
            measurements.append(query(host, port, timeout_seconds=timeout_seconds))
        except OSError as error:
            failure = error
            if not isinstance(error, TimeoutError):
                break
    if failure is None:
        return measurements, []
    sentence = f"{host} port {port}: {failure.strerror}" if failure.strerror else str(failure)
    if not measurements:
        raise OSError(sentence) from None
    return measurements, [f"{len(measurements)} of {samples} questions were answered; {sentence}"]


def _row(best: Measurement, answers: int) -> dict[str, Any]:
    return {
        "server": best.server,
        "port": best.port,
        "offset_seconds": _seconds(best.offset),
        "bound_seconds": _seconds(best.bound),
        "delay_seconds": _seconds(best.delay),
        "synchronised": best.is_synchronised,
        "stratum": best.stratum,
        "leap": int(best.leap),
        "reference_id": best.reference_id,
        "root_delay_seconds": _seconds(best.root_delay),
        "root_dispersion_seconds": _seconds(best.root_dispersion),
        "sent": text_from_instant(best.sent),
        "server_received": text_from_instant(best.server_received),
        "server_sent": text_from_instant(best.server_sent),
        "received": text_from_instant(best.received),
        "answers": answers,
    }


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / NANOSECONDS
