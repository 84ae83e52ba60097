"""Clocks that bound each other: where two exporters told of the same packets, one well known tells the other.

Nothing is asked of anybody, and no clock of ours takes part in the comparison: the better bound of the one,
and the way between the two, bound the other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.clock_exchanges import CUT
from tidegauge.analysis.clock_verdict import TOLERANCE
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

WORTH = 0.8
"""A bound is taken over where it is no wider than that part of the clock's own."""

_SKEW = MAX_SKEW_PPM / 1e6
_ROUNDING = 1e-6
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
        and _UNKNOWN not in (known[pair.first]["state"], known[pair.second]["state"])
    ]
    left = {pair.first for pair in usable}
    while left := {key for key in left if _width(known[key]) < math.inf}:
        first = min(sorted(left), key=lambda key: _width(known[key]))
        left.remove(first)
        for pair in usable:
            if pair.first == first:
                known[pair.second] = _bounded(known[pair.second], known[first], pair, spans)
    return known


def _bounded(
    own: dict[str, Any], other: dict[str, Any], pair: Compared, spans: Mapping[ClockKey, Span]
) -> dict[str, Any]:
    """What is told of ``pair.second``, by what is told of ``pair.first``, the ``other``."""
    told = _difference(other, pair, spans)
    if told is None:
        return own
    between, exchanges = told
    if between is None:
        return _doubted(own, pair)
    drift = _SKEW * abs(spans[pair.first].until - spans[pair.second].until) / NANOSECONDS
    drift += 2 * _SKEW * (_width(other) + _SKEW * WINDOW_SECONDS)  # so little is known of the moments
    low, high = other["offset_low"] + between[0] - drift, other["offset_high"] + between[1] + drift
    least, most = own["offset_low"], own["offset_high"]
    if (least is not None and high < least - _ROUNDING) or (most is not None and low > most + _ROUNDING):
        return _doubted(own, pair)
    if high - low > WORTH * _width(own):
        return own
    assumed = [*other["assumptions"], CUT, ONE_PATH, *_needed(own, low, high)]
    low, high = max(low, low if least is None else least), min(high, high if most is None else most)
    offset = own["offset_seconds"]
    return _judged(own, low, high) | {
        "offset_seconds": (low + high) / 2 if offset is None else min(max(offset, low), high),
        "offset_low": low,
        "offset_high": high,
        "method": f"on one path with {pair.first.exporter} ({exchanges} exchanges)",
        "assumptions": list(dict.fromkeys(assumed)),
    }


def _needed(own: dict[str, Any], low: float, high: float) -> list[str]:
    """What a clock's own bounds assume, as far as they are the narrower ones.

    Its lower bound assumes no delay: a datagram that seems to come before it was sent proves it.
    """
    least, most, assumed = own["offset_low"], own["offset_high"], own["assumptions"]
    if most is not None and most < high:
        return list(assumed)
    if least is not None and least > low:
        return [each for each in assumed if not each.startswith("delay")]
    return []


def _difference(
    other: dict[str, Any], pair: Compared, spans: Mapping[ClockKey, Span]
) -> tuple[tuple[float, float] | None, int] | None:
    """Between which seconds the second clock lies from the first, and by how many exchanges.

    The bounds are None where no two even clocks can have told so; all is None where nothing was told since
    the later of both epochs began.
    """
    ahead = round((other["offset_low"] + other["offset_high"]) / 2 * NANOSECONDS)
    unsure = round(_width(other) * NANOSECONDS)
    since = max(spans[pair.first].began, spans[pair.second].began)
    told = [
        each
        for each in pair.told
        if since <= each.at - ahead + unsure and each.at - ahead <= each.arrival + unsure
    ]
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


def _doubted(own: dict[str, Any], pair: Compared) -> dict[str, Any]:
    note = f"packets that {pair.first.exporter} told of as well do not fit"
    return own | {"note": f"{own['note']}; {note}" if own["note"] else note}


def _judged(own: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    """A clock that is now seen to be wrong is said to be."""
    tolerance = TOLERANCE / NANOSECONDS
    if own["state"] == "wrong" or not (low > tolerance or high < -tolerance):
        return own
    words = f"at least {low:.3f} s fast" if low > 0 else f"at least {-high:.3f} s slow"
    return own | {"state": "wrong", "note": f"{words}; {own['note']}" if own["note"] else words}


def _width(told: dict[str, Any]) -> float:
    low, high = told["offset_low"], told["offset_high"]
    return math.inf if low is None or high is None or low > high else high - low
