"""Our sources together: who can be right, and what our own clock is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.ntp.own_clock import NOBODY, SOURCES, OwnClock, best_judged
from tidegauge.ntp.selection import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegauge.ntp.clock_reading import ClockReading
    from tidegauge.ntp.interval import Interval
    from tidegauge.ntp.selection import Selection
    from tidegauge.ntp.source import Source


def judge(
    sources: Sequence[Source], others: Iterable[OwnClock], reading: ClockReading, step: int = 0
) -> ClockJudgement:
    """Judge our clock by the sources that can be right, or by what others (chrony, the kernel) say."""
    intervals = {source: source.interval(reading) for source in sources}
    selection = select({source: interval for source, interval in intervals.items() if interval})
    measured = OwnClock(None, NOBODY)
    if selection.interval:
        measured = OwnClock.from_error(selection.interval, SOURCES)
    clock = best_judged(measured, others)
    error = clock.interval
    return ClockJudgement(
        at=reading.wall,
        judge=clock.source,
        low=error.low if error else None,
        high=error.high if error else None,
        step=step,
        sources=tuple(_of(source, interval, selection) for source, interval in intervals.items()),
    )


def _of(source: Source, interval: Interval | None, selection: Selection) -> SourceJudgement:
    latest, schedule = source.latest, source.schedule
    return SourceJudgement(
        server=source.name,
        state=source.state(selection),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        delay=latest.delay if latest else None,
        reach=schedule.reach,
        poll=schedule.poll,
        stratum=latest.stratum if latest else None,
        complaint=source.complaint,
    )
