"""``tidegauge time status``: what this machine's own clock is worth."""

from __future__ import annotations

import time
from pathlib import Path

import click

from tidegauge.analysis.time_service import time_service_of
from tidegauge.analysis.time_status import status_answer
from tidegauge.cli.options import lake_option, output_options
from tidegauge.cli.output import write_answer
from tidegauge.cli.time_sources import time_source_options
from tidegauge.flow.clock_judgement import ClockJudgement
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import judgement_at

ROUNDS = 4
"""How often each server is asked; of four answers one was hardly delayed."""

_SHOWN = ("clock", "state", "source", "bound_seconds", "offset_seconds", "delay_seconds", "reach", "note")


@click.command("status")
@time_source_options
@lake_option
@output_options
def status_command(
    time_sources: tuple[ServerAddress, ...],
    trusted: Path | None,
    lake: Path,
    format_name: str | None,
    *,
    envelope: bool,
) -> None:
    """Tell how far this machine's own clock may be off, and who says so.

    The first row is our clock: judged by the servers named here, which are asked now, else by those that a
    running collector asks, else by a chronyd on this machine or by the kernel. A row for each server follows,
    and one for the NTP server that tidegauge run runs beside the collector.
    Offsets are true time minus our clock, what to add to ours.

    \b
    tidegauge time status --time-source a.example --time-source b.example --time-source nts://c.example
    """
    now = time.time_ns()
    service = time_service_of(Lake(lake), now)
    answer = status_answer(_judged(time_sources, trusted, Lake(lake), now), service, now)
    write_answer(answer, format_name, envelope=envelope, columns=_SHOWN)


def _judged(
    time_sources: tuple[ServerAddress, ...], trusted: Path | None, lake: Lake, now: int
) -> ClockJudgement:
    polling = SourcePolling(time_sources, trusted)
    if time_sources:
        polling.ask_all(ROUNDS)
        return polling.judge()
    collectors = judgement_at(lake, now)
    return collectors if collectors and collectors.sources else polling.judge()
