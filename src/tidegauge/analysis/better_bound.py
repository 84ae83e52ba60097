"""A better bound of a clock than its headers give: taken over, left alone, or said not to fit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.clock_verdict import TOLERANCE
from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

WORTH = 0.8
"""A bound is taken over where it is no wider than that part of the clock's own."""

_ROUNDING = 1e-6


class Bound(NamedTuple):
    """Between which seconds a clock lies from true time, by which method, and what that assumes."""

    low: float
    high: float
    method: str
    assumptions: Sequence[str]


def with_bound(own: dict[str, Any], bound: Bound, doubt: str) -> dict[str, Any]:
    """What ``clocks`` tells of a clock, with a bound from elsewhere.

    Where that and its own exclude each other, nothing is taken over, and ``doubt`` is said.
    """
    least, most, offset = own["offset_low"], own["offset_high"], own["offset_seconds"]
    low, high, method, assumed = bound
    if (least is not None and high < least - _ROUNDING) or (most is not None and low > most + _ROUNDING):
        return doubted(own, doubt)
    if high - low > WORTH * width(own):
        return own
    assumed = [*assumed, *_needed(own, low, high)]
    low, high = max(low, low if least is None else least), min(high, high if most is None else most)
    return _judged(own, low, high) | {
        "offset_seconds": (low + high) / 2 if offset is None else min(max(offset, low), high),
        "offset_low": low,
        "offset_high": high,
        "method": method,
        "assumptions": list(dict.fromkeys(assumed)),
    }


def doubted(own: dict[str, Any], doubt: str) -> dict[str, Any]:
    """The same with something that does not fit."""
    return own | {"note": f"{own['note']}; {doubt}" if own["note"] else doubt}


def width(told: dict[str, Any]) -> float:
    """How wide a clock's bounds are, in seconds; without end where a side is open."""
    low, high = told["offset_low"], told["offset_high"]
    return math.inf if low is None or high is None or low > high else high - low


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


def _judged(own: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    """A clock that is now seen to be wrong is said to be."""
    tolerance = TOLERANCE / NANOSECONDS
    if own["state"] == "wrong" or not (low > tolerance or high < -tolerance):
        return own
    words = f"at least {low:.3f} s fast" if low > 0 else f"at least {-high:.3f} s slow"
    return own | {"state": "wrong", "note": f"{words}; {own['note']}" if own["note"] else words}
