"""``tidegauge time status``: what this machine's own clock is worth."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import described
from tidegauge.cli.options import lake_option, output_options
from tidegauge.cli.output import write_answer
from tidegauge.cli.time_sources import time_source_options
from tidegauge.clock.instant_text import NANOSECONDS, text_from_instant
from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.ntp.interval import Interval
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.query.statement import Column
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import judgement_at

ROUNDS = 4
"""How often each server is asked; of four answers one was hardly delayed."""

OWN = "this machine"
_STATUS = (
    Column("clock", "text"),
    Column("state", "text"),
    Column("synchronised", "boolean"),
    Column("source", "text"),
    Column("bound_seconds", "float64", "seconds"),
    Column("offset_seconds", "float64", "seconds"),
    Column("offset_low", "float64", "seconds"),
    Column("offset_high", "float64", "seconds"),
    Column("delay_seconds", "float64", "seconds"),
    Column("reach", "text"),
    Column("poll_seconds", "uint32", "seconds"),
    Column("stratum", "uint8"),
    Column("step_seconds", "float64", "seconds"),
    Column("at", "instant"),
    Column("note", "text"),
)
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
    running collector asks, else by a chronyd on this machine or by the kernel. A row for each server follows.
    Offsets are true time minus our clock, what to add to ours.

    \b
    tidegauge time status --time-source a.example --time-source b.example --time-source nts://c.example
    """
    judgement = _judged(time_sources, trusted, lake)
    data = [_row(judgement), *(_source_row(source, judgement) for source in judgement.sources)]
    answer = Answer(data=data, columns=described(_STATUS), warnings=list(_warnings(judgement)))
    write_answer(answer, format_name, envelope=envelope, columns=_SHOWN)


def _judged(time_sources: tuple[ServerAddress, ...], trusted: Path | None, lake: Path) -> ClockJudgement:
    polling = SourcePolling(time_sources, trusted)
    if time_sources:
        polling.ask_all(ROUNDS)
        return polling.judge()
    collectors = judgement_at(Lake(lake), time.time_ns())
    return collectors if collectors and collectors.sources else polling.judge()


def _row(judgement: ClockJudgement) -> dict[str, Any]:
    is_synchronised = judgement.bound is not None
    return _columns(
        clock=OWN,
        state="synchronised" if is_synchronised else "unsynchronised",
        synchronised=is_synchronised,
        source=judgement.judge,
        step_seconds=_seconds(judgement.step) or None,
        at=text_from_instant(judgement.at),
        **_error(judgement.low, judgement.high),
    )


def _source_row(source: SourceJudgement, judgement: ClockJudgement) -> dict[str, Any]:
    return _columns(
        clock=source.server,
        state=source.state,
        synchronised=source.state == "good",
        delay_seconds=_seconds(source.delay),
        reach=f"{source.reach:08b}",
        poll_seconds=2**source.poll,
        stratum=source.stratum,
        at=text_from_instant(judgement.at),
        note=source.complaint or _contradictions(source.restarts),
        **_error(source.low, source.high),
    )


def _contradictions(restarts: int) -> str:
    """An assumption does not hold: the server's clock is set, or drifts, or this machine's crystal does."""
    times = "once" if restarts == 1 else f"{restarts} times"
    return f"contradicted itself {times}" if restarts else ""


def _columns(**known: object) -> dict[str, Any]:
    return {column.name: known.get(column.name) for column in _STATUS}


def _error(low: int | None, high: int | None) -> dict[str, float | None]:
    if low is None or high is None:
        return {}
    error = Interval(low, high)
    return {
        "bound_seconds": _seconds(error.bound),
        "offset_seconds": _seconds(error.middle),
        "offset_low": _seconds(low),
        "offset_high": _seconds(high),
    }


def _warnings(judgement: ClockJudgement) -> Iterator[str]:
    if judgement.bound is None:
        yield "nobody keeps this clock right: its times compare with each other only; run an NTP client"
    if judgement.is_undecided:
        yield "no majority of the servers agrees, so nothing tells which of them are right"


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / NANOSECONDS
