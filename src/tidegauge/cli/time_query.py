"""``tidegauge time query``: ask a server for the time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import described
from tidegauge.cli.options import output_options
from tidegauge.cli.output import write_answer
from tidegauge.cli.time_sources import trusted_option
from tidegauge.clock.instant_text import NANOSECONDS, text_from_instant
from tidegauge.ntp.client import Answered
from tidegauge.ntp.measurement import Measurement
from tidegauge.ntp.own_clock import read_own_clock
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.ntp.upstream import Upstream
from tidegauge.query.statement import Column

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
    Column("nts", "boolean"),
)
_SHOWN = ("server", "offset_seconds", "bound_seconds", "delay_seconds", "stratum", "reference_id")


@click.command("query")
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
@click.option("--nts", is_flag=True, help="Let keys prove who answers; PORT is that of NTS-KE, 4460.")
@trusted_option
@click.option(
    "--lake",
    type=click.Path(path_type=Path, file_okay=False),
    help="Lake to keep in when we asked: routers on the way that report it are bounded by that.",
)
@output_options
def query_command(
    server: str,
    samples: int,
    timeout_seconds: float,
    trusted: Path | None,
    lake: Path | None,
    format_name: str | None,
    *,
    nts: bool,
    envelope: bool,
) -> None:
    """Ask an NTP server how far our clock is off, and how wrong that may be.

    The offset is the server's clock minus ours. Of several answers the one with the shortest round trip
    counts. With --nts, a server that cannot be trusted is never asked without.
    """
    try:
        address = ServerAddress.parse(server, is_nts=nts)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="HOST[:PORT]") from None
    answers, warnings = _measure(Upstream(address, trusted), samples, timeout_seconds)
    if lake:
        _keep(lake, answers)
    measurements = [answer.measurement for answer in answers]
    best = min(measurements, key=lambda measurement: (not measurement.is_synchronised, measurement.delay))
    if not best.is_synchronised:
        warnings.append(f"{server} says itself that it does not know the time, so there is no bound")
    row = _row(best, len(measurements)) | {"nts": address.is_nts}
    answer = Answer(data=[row], columns=described(_MEASURED), warnings=warnings)
    write_answer(answer, format_name, envelope=envelope, columns=_SHOWN)


def _keep(lake: Path, answers: list[Answered]) -> None:
    # A lake is a database to load, which nobody who only asks for the time should wait for.
    from tidegauge.store.exchanges import append  # noqa: PLC0415
    from tidegauge.store.lake import Lake  # noqa: PLC0415

    bound = read_own_clock().bound
    exchanges = [msgspec.structs.replace(answer.exchange, clock_bound=bound) for answer in answers]
    append(Lake.create(lake), exchanges, time.time_ns())


def _measure(upstream: Upstream, samples: int, timeout_seconds: float) -> tuple[list[Answered], list[str]]:
    """Ask as often as told, except when the server refuses; what went wrong comes as sentences.

    Raises OSError when not one answer came.
    """
    answers: list[Answered] = []
    failure: OSError | None = None
    for asked in range(samples):
        if asked:
            time.sleep(SAMPLE_SPACING_SECONDS)
        try:
            answers.append(upstream.ask(timeout_seconds))
        except OSError as error:
            failure = error
            if not isinstance(error, TimeoutError):
                break
    if failure is None:
        return answers, []
    host, port = upstream.address.host, upstream.address.port
    sentence = f"{host} port {port}: {failure.strerror}" if failure.strerror else str(failure)
    if not answers:
        raise OSError(sentence) from None
    return answers, [f"{len(answers)} of {samples} questions were answered; {sentence}"]


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
