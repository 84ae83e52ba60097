"""Sizes as people write them: ``200GB``, ``1.5TiB``. Inside they are bytes."""

from __future__ import annotations

import re
from fractions import Fraction

UNITS = {
    "TB": 10**12, "GB": 10**9, "MB": 10**6, "kB": 10**3,
    "TiB": 2**40, "GiB": 2**30, "MiB": 2**20, "KiB": 2**10,
    "B": 1,
}  # fmt: skip

_DIGITS = 3
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s?([kKMGT]?i?B)")


def bytes_from_text(text: str) -> int:
    """Read a size; raises ValueError. A bare number is refused, since nobody can see what it counts.

    >>> bytes_from_text("200GB"), bytes_from_text("1.5KiB")
    (200000000000, 1536)
    """
    found = _SIZE.fullmatch(text.strip())
    unit = found and {"KB": "kB", "kiB": "KiB"}.get(found[2], found[2])
    if not found or unit not in UNITS:
        raise ValueError(f"{text!r} is no size: a number and a unit, as in 200GB or 1TiB")
    return int(Fraction(found[1]) * UNITS[unit])


def text_from_bytes(size: int) -> str:
    """Write a size for people, to about three digits.

    >>> text_from_bytes(999), text_from_bytes(1_234_567), text_from_bytes(200_000_000_000)
    ('999 B', '1.23 MB', '200 GB')
    """
    unit = next((unit for unit in ("TB", "GB", "MB", "kB") if size >= UNITS[unit]), "B")
    value = size / UNITS[unit]
    digits = 0 if unit == "B" else max(0, _DIGITS - len(str(int(value))))
    return f"{value:,.{digits}f} {unit}"
