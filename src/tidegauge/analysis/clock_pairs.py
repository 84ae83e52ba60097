"""Clocks that bound each other: where two exporters told of the same packets, one well known tells the other.

Nothing is asked of anybody, and no clock of ours takes part in the comparison: the better bound of the one,
and the way between the two, bound the other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.better_bound import Bound, doubted, width, with_bound
from tidegauge.analysis.clock_exchanges import CUT, OTHER_TIME
from tidegauge.clock.epoch import Cause
from tidegauge.clock.feasible_set import MAX_SKEW_PPM, Limit, feasible_set
from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.query.crossings import WINDOW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidegauge.analysis.clock_sightings import ClockKey
    from tidegauge.analysis.crossings import Compared
    from tidegauge.clock.epoch import Epoch

ONE_PATH = "answers pass two exporters in the opposite order of their questions"

ONE_CLOCK = "records tell the clock that headers tell"

_SKEW = MAX_SKEW_PPM / 1e6
_UNKNOWN = "unknown"


class Span(NamedTuple):
    """When a clock's present epoch began and was last heard of, by our clock, in nanoseconds."""

    began: int
    until: int

    @classmethod
    def of(cls, epoch: Epoch) -> Span:
        """That of an epoch: the first of all began whenever, as far as anybody knows."""
        return cls(0 if epoch.cause is Cause.START else epoch.began, epoch.until)


def with_pairs(
    told: Mapping[ClockKey, dict[str, Any]], pairs: Iterable[Compared], spans: Mapping[ClockKey, Span]
) -> dict[ClockKey, dict[str, Any]]:
    """What ``clocks`` tells of each clock, with what others on the same paths add to it.

    The best known go first, so that one that has become better known may tell further ones.
    """
    known = dict(told)
    usable = [
        pair
        for pair in pairs
        if {pair.first, pair.second} <= spans.keys() & known.keys()
        and _is_usable(known[pair.first])
        and _is_usable(known[pair.second])
    ]
    left = {pair.first for pair in usable}
    while left := {key for key in left if width(known[key]) < math.inf}:
        first = min(sorted(left), key=lambda key: width(known[key]))
        left.remove(first)
        for pair in usable:
            if pair.first == first:
                known[pair.second] = _bounded(known[pair.second], known[first], pair, spans)
    return known


def _is_usable(told: dict[str, Any]) -> bool:
    """Whether it is one clock, and records tell it."""
    return told["state"] != _UNKNOWN and OTHER_TIME not in told["note"]


def _bounded(
    own: dict[str, Any], other: dict[str, Any], pair: Compared, spans: Mapping[ClockKey, Span]
) -> dict[str, Any]:
    """What is told of ``pair.second``, by what is told of ``pair.first``, the ``other``."""
    told = _difference(other, pair, spans)
    if told is None:
        return own
    between, exchanges = told
    doubt = f"packets that {pair.first.exporter} told of as well do not fit"
    if between is None:
        return doubted(own, doubt)
    drift = _SKEW * abs(spans[pair.first].until - spans[pair.second].until) / NANOSECONDS
    drift += 2 * _SKEW * (width(other) + _SKEW * WINDOW_SECONDS)  # so little is known of the moments
    bound = Bound(
        low=other["offset_low"] + between[0] - drift,
        high=other["offset_high"] + between[1] + drift,
        method=f"on one path with {pair.first.exporter} ({exchanges} exchanges)",
        assumptions=[*other["assumptions"], CUT, ONE_PATH, ONE_CLOCK],
    )
    return with_bound(own, bound, doubt)


def _difference(
    other: dict[str, Any], pair: Compared, spans: Mapping[ClockKey, Span]
) -> tuple[tuple[float, float] | None, int] | None:
    """Between which seconds the second clock lies from the first, and by how many exchanges.

    The bounds are None where no two even clocks can have told so; all is None where nothing was told since
    the later of both epochs began.
    """
    ahead = round((other["offset_low"] + other["offset_high"]) / 2 * NANOSECONDS)
    unsure = round(width(other) * NANOSECONDS)
    since = max(spans[pair.first].began, spans[pair.second].began)
    told = [each for each in pair.told if since + unsure <= each.at - ahead <= each.arrival + unsure]
    if not told:
        return None
    floors = [Limit(each.at, each.low) for each in told]
    ceilings = [Limit(each.at, each.high) for each in told]
    lines = feasible_set(floors, ceilings, 2 * MAX_SKEW_PPM)
    if lines.is_empty:
        return None, len(told)
    low, high = lines.bounds_at(spans[pair.second].until + ahead)
    assert low is not None  # each exchange bounds from both sides
    assert high is not None
    return (low / NANOSECONDS, high / NANOSECONDS), len(told)
