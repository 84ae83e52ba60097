"""``time status``: what this machine's own clock is worth, by whom, and how it is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import described
from tidegauge.analysis.time_service import time_service_of
from tidegauge.clock.instant_text import NANOSECONDS, text_from_instant
from tidegauge.ntp.interval import Interval
from tidegauge.query.statement import Column
from tidegauge.store.own_clock import judgement_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.analysis.time_service import TimeService
    from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

OWN = "this machine"
COLUMNS = (
    Column("clock", "text"),
    Column("role", "text"),
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

_LEAP_NOTES = {
    "insert": "servers announce a leap second: the last minute of a day has 61 seconds",
    "delete": "servers announce a leap second: the last minute of a day has 59 seconds",
}


def time_status(lake: Lake, _query: Query, now: int) -> Answer:
    """What a running collector knows of its clock, its sources, and the NTP server beside it; now only.

    ``role`` is ``own``, ``source`` or ``server``. Without a collector there is no row.
    """
    return status_answer(judgement_at(lake, now), time_service_of(lake, now), now)


def status_answer(judgement: ClockJudgement | None, service: TimeService | None, now: int) -> Answer:
    """A row for our clock, one for each server that judges it, and one for our own server."""
    data: list[dict[str, Any]] = []
    warnings: list[str] = []
    if judgement:
        data += [_own_row(judgement), *(_source_row(source, judgement) for source in judgement.sources)]
        warnings += _warnings(judgement)
    if service:
        data.append(_server_row(service, now))
    return Answer(data=data, columns=described(COLUMNS), warnings=warnings)


def _own_row(judgement: ClockJudgement) -> dict[str, Any]:
    is_synchronised = judgement.bound is not None
    return _columns(
        clock=OWN,
        role="own",
        state="synchronised" if is_synchronised else "unsynchronised",
        synchronised=is_synchronised,
        source=judgement.judge,
        step_seconds=_seconds(judgement.step) or None,
        note=_LEAP_NOTES.get(judgement.leap),
        at=text_from_instant(judgement.at),
        **_error(judgement.low, judgement.high),
    )


def _source_row(source: SourceJudgement, judgement: ClockJudgement) -> dict[str, Any]:
    return _columns(
        clock=source.server,
        role="source",
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


def _server_row(service: TimeService, now: int) -> dict[str, Any]:
    """What we tell clients: ``bound_seconds`` is our word on how far our clock may be off."""
    record = service.record
    words = {"asks": "ask", "asked once": "asked once", "stopped": "stopped"}
    counted = [f"{count} {words[state]}" for state, count in service.clients(now).items() if count]
    return _columns(
        clock=record.listening,
        role="server",
        state=service.state,
        synchronised=service.state == "serving",
        bound_seconds=record.root_dispersion_seconds,
        stratum=record.stratum,
        at=record.written,
        note=f"clients: {', '.join(counted) or 'none yet'}",
    )


def _contradictions(restarts: int) -> str:
    """An assumption does not hold: the server's clock is set, or drifts, or this machine's crystal does."""
    times = "once" if restarts == 1 else f"{restarts} times"
    return f"contradicted itself {times}" if restarts else ""


def _columns(**known: object) -> dict[str, Any]:
    return {column.name: known.get(column.name) for column in COLUMNS}


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
