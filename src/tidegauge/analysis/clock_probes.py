"""What exporters said when asked for their time: bounds of their clocks, where somebody switched that on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.better_bound import Bound, doubted, with_bound
from tidegauge.analysis.own_clock import RELATIVE
from tidegauge.clock.feasible_set import MAX_SKEW_PPM, feasible_set
from tidegauge.clock.hard_window import EVEN_FOR
from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidegauge.analysis.clock_pairs import Span
    from tidegauge.analysis.clock_sightings import ClockKey
    from tidegauge.flow.clock_probe import ClockProbe

ONE_CLOCK = "its exports tell the clock that answered"
SKEW = f"skew at most {MAX_SKEW_PPM} ppm"

_WAYS = {"ntp": "NTP", "icmp": "ICMP timestamps"}
_DOUBT = "the clock that answered {} is another one, or was set"


def with_probes(
    told: Mapping[ClockKey, dict[str, Any]], probes: Iterable[ClockProbe], spans: Mapping[ClockKey, Span]
) -> dict[ClockKey, dict[str, Any]]:
    """What ``clocks`` tells of each wall clock, with what its exporter answered in the epoch's last hour."""
    known, asked = dict(told), list(probes)
    for key in spans.keys() & known.keys():
        span = spans[key]
        since = max(span.began, span.until - EVEN_FOR)
        for kind, way in _WAYS.items():
            answers = [
                each
                for each in asked
                if each.exporter == key.exporter and each.kind == kind and each.sent >= since
            ]
            if answers and known[key]["state"] != "unknown":
                known[key] = _bounded(known[key], answers, way, span)
    return known


def _bounded(own: dict[str, Any], answers: list[ClockProbe], way: str, span: Span) -> dict[str, Any]:
    limits = [answer.limits for answer in answers]
    doubt = _DOUBT.format(way)
    lines = feasible_set([floor for floor, _ in limits], [ceiling for _, ceiling in limits])
    if lines.is_empty:
        return doubted(own, doubt)
    low, high = lines.bounds_at(span.until)
    assert low is not None  # each answer bounds from both sides
    assert high is not None
    number = f"{len(limits)} answer{'' if len(limits) == 1 else 's'}"
    is_relative = any(answer.clock_bound is None for answer in answers)
    assumptions = [SKEW, ONE_CLOCK, *([RELATIVE] if is_relative else [])]
    return with_bound(
        own, Bound(low / NANOSECONDS, high / NANOSECONDS, f"asked by {way} ({number})", assumptions), doubt
    )
