"""Amounts and times as a sentence tells them: rounded, in the unit a person would choose."""

from __future__ import annotations

_SECOND = 1_000_000_000
_UNITS = ("kB", "MB", "GB", "TB", "PB")
_STEP = 1000


def amount_words(amount: float) -> str:
    """Bytes, in steps of a thousand.

    >>> amount_words(999), amount_words(2_040_000_000), amount_words(12e9)
    ('999 bytes', '2.0 GB', '12 GB')
    """
    if amount < _STEP:
        return f"{amount:.0f} bytes"
    power = 1
    while amount >= _STEP ** (power + 1) and power < len(_UNITS):
        power += 1
    scaled = amount / _STEP**power
    digits = 1 if scaled < 10 else 0  # noqa: PLR2004 (two digits tell enough)
    return f"{scaled:.{digits}f} {_UNITS[power - 1]}"


def duration_words(duration: int) -> str:
    """Nanoseconds, rounded up to whole seconds, minutes or hours.

    >>> duration_words(0), duration_words(100 * 10**9), duration_words(90 * 60 * 10**9)
    ('a second', '100 seconds', '90 minutes')
    """
    seconds = max(1, -(-duration // _SECOND))
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{-(-seconds // size)} {unit}"
    return f"{seconds} seconds" if seconds > 1 else "a second"


def count_words(count: int, one: str, many: str) -> str:
    """A number of things.

    >>> count_words(1, "address", "addresses"), count_words(1200, "address", "addresses")
    ('1 address', '1,200 addresses')
    """
    return f"{count:,} {one if count == 1 else many}"
