"""The effect of a wrong clock in words: what it did to the times of flows, and whether that is put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.clock_sightings import WALL

if TYPE_CHECKING:
    from tidegauge.analysis.clock_correction import Corrected, Corrections
    from tidegauge.analysis.clock_sightings import ClockKey

_NANOSECONDS = 1_000_000_000


def with_correction(key: ClockKey, told: dict[str, Any], corrections: Corrections) -> dict[str, Any]:
    """What ``clocks`` tells of a clock, and whether the flows that came last are corrected by it."""
    if key.clock != WALL:
        return told
    last = corrections.last_of(key.exporter, key.observation_domain)
    is_wrong = told["state"] == "wrong"
    if last is None:
        return told | {"note": f"{told['note']}; flow times are as it told"} if is_wrong else told
    before = "" if is_wrong else "before that, "
    return told | {
        "corrected": is_wrong and last.is_whole,
        "note": f"{told['note']}; {before}{_effect(last)}",
    }


def _effect(last: Corrected) -> str:
    stretch = last.found.stretch
    offset = (stretch.first + stretch.last) / 2 / _NANOSECONDS
    by = f"{_amount(abs(offset))} {'late' if offset > 0 else 'early'}"
    if not last.is_whole:
        return "records were not seen to tell the same clock's time, so times of their own are as told"
    widest = None if None in (stretch.below, stretch.above) else max(stretch.below or 0, stretch.above or 0)
    within = "" if widest is None else f" to within {_amount(widest / _NANOSECONDS)}"
    return f"flow times were {by}, put right{within}"


def _amount(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
