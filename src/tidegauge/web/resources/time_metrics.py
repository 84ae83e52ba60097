"""The part of ``/metrics`` about the collector's own clock, and the NTP server beside it.

No client's address is a label: who asks is what ``time clients`` and the API tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.web.prometheus import family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.analysis.time_service import TimeService
    from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement


def own_clock_lines(judgement: ClockJudgement | None) -> Iterator[str]:
    """What a running collector says of its clock: nothing at all where none runs."""
    if judgement is None:
        return
    bound = judgement.bound
    yield from family(
        "own_clock_synchronised",
        "gauge",
        "Whether anybody knows how right the collector's clock is.",
        [({"judge": judgement.judge}, int(bound is not None))],
    )
    yield from family(
        "own_clock_bound_seconds",
        "gauge",
        "How far the collector's clock may be off.",
        [({}, _fraction(bound))],
    )
    for name, meaning, told in _SOURCE_GAUGES:
        samples = (({"server": source.server}, told(source)) for source in judgement.sources)
        yield from family(f"time_source_{name}", "gauge", meaning, samples)


def time_server_lines(service: TimeService | None, now: int) -> Iterator[str]:
    """What the NTP server beside the collector did: nothing at all where none runs."""
    if service is None or not service.is_running:
        return
    record = service.record
    yield from family(
        "time_server_synchronised",
        "gauge",
        "Whether clients are told to trust the server.",
        [({}, int(service.state == "serving"))],
    )
    yield from family("time_server_stratum", "gauge", "The stratum clients are told.", [({}, record.stratum)])
    yield from family(
        "time_server_root_dispersion_seconds",
        "gauge",
        "How far off clients are told the clock may be.",
        [({}, record.root_dispersion_seconds)],
    )
    if record.started:
        yield from family(
            "time_server_start_timestamp_seconds",
            "gauge",
            "When the server began to count.",
            [({}, instant_from_text(record.started) / 1e9)],
        )
    yield from family(
        "time_server_clients",
        "gauge",
        "Addresses that ask, asked once, or stopped.",
        (({"state": state}, count) for state, count in service.clients(now).items()),
    )
    yield from family(
        "time_server_events_total",
        "counter",
        "What became of requests and of sessions for keys; docs/how-to/serve-time.md lists the events.",
        (({"event": name}, count) for name, count in sorted(record.counters.items())),
    )


def _is_good(source: SourceJudgement) -> int:
    return int(source.state == "good")


def _offset(source: SourceJudgement) -> float | None:
    return None if source.low is None or source.high is None else (source.low + source.high) / 2e9


def _delay(source: SourceJudgement) -> float | None:
    return _fraction(source.delay)


def _reach(source: SourceJudgement) -> int:
    return source.reach.bit_count()


_SOURCE_GAUGES = (
    ("good", "Whether the server agrees with a majority.", _is_good),
    ("offset_seconds", "True time minus the collector's clock, by this server.", _offset),
    ("delay_seconds", "Round trip of the server's latest answer.", _delay),
    ("reach", "How many of the last eight questions it answered.", _reach),
)


def _fraction(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e9
