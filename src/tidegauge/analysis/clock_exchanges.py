"""What our own exchanges add to what headers say of a clock: bounds from both sides that assume no delay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.clock_sightings import WALL, ClockKey, HardLimits
from tidegauge.analysis.own_clock import RELATIVE
from tidegauge.analysis.passings import asked_between, two_way
from tidegauge.clock.epoch import Cause
from tidegauge.clock.feasible_set import feasible_set
from tidegauge.clock.hard_window import EVEN_FOR
from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.analysis.passings import TwoWay
    from tidegauge.clock.epoch import Epoch
    from tidegauge.store.engines.duckdb import Engine

DAY = 86_400 * NANOSECONDS
"""So long before the last exchange they are looked for: a clock is told by its last day."""

OTHER_TIME = "its records tell another time"
CUT = "times in records are cut, not rounded"
_CLOSE = 1e-6
_LATEST = 10
"""Seconds: headers that seem to be later than that, all of them, show another clock rather than a delay."""


def exchanges_by_clock(engine: Engine, time_range: TimeRange) -> dict[ClockKey, TwoWay]:
    """What exchanges of the last day in the range say, by clock. Inside ``exchanges_seen``.

    Of several protocol versions the one heard last counts. The engine has to see flows of any time.
    """
    first, last = asked_between(engine, time_range)
    if first is None or last is None:
        return {}
    found = two_way(engine, TimeRange(max(first, last - DAY), time_range.until))
    found.sort(key=lambda bound: max(seen.arrival for seen in bound.seen))
    return {
        ClockKey(text_from_address(bound.key.exporter), bound.key.observation_domain or 0, WALL): bound
        for bound in found
    }


def hard_limits(bounds: Mapping[ClockKey, TwoWay]) -> dict[ClockKey, HardLimits]:
    """The same as limits for the epochs of the clocks."""
    return {key: HardLimits(bound.floors, bound.ceilings) for key, bound in bounds.items()}


def with_exchanges(told: dict[str, Any], bound: TwoWay, epoch: Epoch) -> dict[str, Any]:
    """What ``clocks`` tells of the epoch, where exchanges of its last hour were among its limits.

    What they bound alone rests on no delay, so it is told without that assumption. Where records tell another
    time than headers, the headers' clock is what is told, and the note says so.
    """
    hour_ago = epoch.until - EVEN_FOR
    # What was before the first header of all is of the same epoch as far as anybody knows.
    since = hour_ago if epoch.cause is Cause.START else max(epoch.began, hour_ago)
    floors, ceilings = bound.since(since)
    low, high = told["offset_low"], told["offset_high"]
    if not floors or not ceilings or low is None:
        return told
    alone = feasible_set(floors, ceilings)
    if alone.is_empty:
        return told | {"note": f"{told['note']}; our own exchanges exclude each other"}
    at_least, at_most = (0 if side is None else side / NANOSECONDS for side in alone.bounds_at(epoch.until))
    if at_most < low - _CLOSE or at_least > (low + _LATEST if high is None else high + _CLOSE):
        between = f"between {at_least:.3f} and {at_most:.3f} s"
        return told | {"note": f"{told['note']}; {OTHER_TIME}, off {between}"}
    needs_cap = high is not None and high < at_most - _CLOSE
    low, high = max(low, at_least), at_most if high is None else min(high, at_most)
    return told | {
        "offset_seconds": min(max(told["offset_seconds"], low), high),
        "offset_low": low,
        "offset_high": high,
        "method": f"two-way ({len(floors)} exchanges)",
        "assumptions": [
            *(each for each in told["assumptions"] if needs_cap or not each.startswith("delay")),
            CUT,
            *([RELATIVE] if bound.is_relative else []),
        ],
    }
