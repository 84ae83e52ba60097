"""Durations as people write them: ``1.5s``, ``20ms``, ``1h30m``. Inside they are nanoseconds."""

from __future__ import annotations

import re
from fractions import Fraction

UNITS = {
    "w": 604_800_000_000_000,
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}

_PART = re.compile(r"(\d+(?:\.\d+)?)(w|d|h|ms|m|s|us|µs|ns)")


def duration_from_text(text: str) -> int:
    """Read a duration, exactly. A bare number is refused: nfdump means milliseconds, others seconds.

    Raises ValueError when the text is no duration or finer than a nanosecond.

    >>> duration_from_text("1.5s"), duration_from_text("1h30m") // 10**9
    (1500000000, 5400)
    """
    total, position = Fraction(0), 0
    while part := _PART.match(text, position):
        total += Fraction(part.group(1)) * UNITS[part.group(2).replace("µ", "u")]
        position = part.end()
    if position == 0 or position != len(text):
        raise ValueError(f"{text!r} is no duration: a number and a unit")
    if total.denominator != 1:
        raise ValueError(f"{text!r} is finer than a nanosecond")
    return int(total)


def text_from_duration(duration: int) -> str:
    """Write a duration exactly, in the largest unit that needs no fraction.

    >>> text_from_duration(1_500_000_000), text_from_duration(120_000_000_000)
    ('1500ms', '2m')
    """
    if duration == 0:
        return "0s"
    unit = next(unit for unit, size in UNITS.items() if duration % size == 0)
    return f"{duration // UNITS[unit]}{unit}"
