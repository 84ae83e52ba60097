"""Our sources together: who can be right, and what our own clock is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.ntp.own_clock import NOBODY, SOURCES, OwnClock, best_judged
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.selection import select
from tidegauge.ntp.source import SourceState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegauge.ntp.clock_reading import ClockReading
    from tidegauge.ntp.interval import Interval
    from tidegauge.ntp.source import Source

_LEAPS: dict[Leap, Literal["insert", "delete"]] = {Leap.INSERT: "insert", Leap.DELETE: "delete"}


def judge(
    sources: Sequence[Source], others: Iterable[OwnClock], reading: ClockReading, step: int = 0
) -> ClockJudgement:
    """Judge our clock by the sources that can be right, or by what others (chrony, the kernel) say."""
    intervals = {source: source.interval(reading) for source in sources}
    speaking = {source: interval for source, interval in intervals.items() if interval}
    repeated = _repeated(speaking)
    selection = select({source: interval for source, interval in speaking.items() if source not in repeated})
    measured = OwnClock(None, NOBODY)
    if selection.interval:
        measured = OwnClock.from_error(selection.interval, SOURCES)
    clock = best_judged(measured, others)
    error = clock.interval
    states = {
        source: SourceState.REPEATED if source in repeated else source.state(selection, interval)
        for source, interval in intervals.items()
    }
    return ClockJudgement(
        at=reading.wall,
        judge=clock.source,
        low=error.low if error else None,
        high=error.high if error else None,
        step=step,
        leap=_announced([source for source, state in states.items() if state is SourceState.GOOD]),
        sources=tuple(_of(source, intervals[source], state) for source, state in states.items()),
    )


def _announced(good: Sequence[Source]) -> Literal["", "insert", "delete"]:
    """What more than half of the good sources say of the day's last minute."""
    told = [source.latest.leap for source in good if source.latest]
    for leap, word in _LEAPS.items():
        if 2 * told.count(leap) > len(told):
            return word
    return ""


def _of(source: Source, interval: Interval | None, state: SourceState) -> SourceJudgement:
    latest, schedule = source.latest, source.schedule
    return SourceJudgement(
        server=source.name,
        state=state,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        delay=latest.delay if latest else None,
        reach=schedule.reach,
        poll=schedule.poll,
        stratum=latest.stratum if latest else None,
        restarts=source.restarts,
        complaint=source.complaint,
    )


def _repeated(speaking: Iterable[Source]) -> set[Source]:
    """Those behind whose names is a server that answers under another name already: it has one voice."""
    seen, found = set(), set()
    for source in speaking:
        assert source.latest is not None  # it has said something
        server = source.latest.server, source.latest.port
        if server in seen:
            found.add(source)
        seen.add(server)
    return found
