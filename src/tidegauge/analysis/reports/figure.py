"""Figures: numbers as people read them, with their unit."""

from __future__ import annotations

from typing import Any

_PREFIXES = ("", "k", "M", "G", "T", "P", "E")
_SYMBOLS = {"bytes": "B", "bits per second": "bit/s"}


def figure(value: Any, unit: str = "", type_: str = "") -> str:  # noqa: ANN401 (a cell is whatever JSON can hold)
    """A value as text. Bytes and rates have decimal prefixes; what is unknown is a dash, never 0.

    >>> figure(2_147_483_648, "bytes"), figure(1800, "seconds"), figure(None)
    ('2.15 GB', '30 min', '-')
    """
    if value is None:
        return "-"
    if type_ == "instant":
        return f"{value[:10]} {value[11:16]}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if unit in _SYMBOLS:
        return _prefixed(float(value), _SYMBOLS[unit])
    if unit == "nanoseconds":
        return _span(value / 1e9)
    if unit == "seconds":
        return _span(float(value))
    return f"{value:,}".replace(",", "\u202f") if isinstance(value, int) else f"{value:,.2f}"


def _prefixed(value: float, symbol: str) -> str:
    power = 0
    while abs(value) >= 999.5 and power < len(_PREFIXES) - 1:  # noqa: PLR2004 (what rounds to four digits)
        value, power = value / 1000, power + 1
    digits = 0 if power == 0 or value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004 (three digits in all)
    return f"{value:.{digits}f} {_PREFIXES[power]}{symbol}"


def _span(seconds: float) -> str:
    if abs(seconds) < 1:
        return f"{seconds * 1000:.3g} ms"
    if abs(seconds) < 60:  # noqa: PLR2004 (a minute)
        return f"{seconds:.3g} s"
    if abs(seconds) < 6000:  # noqa: PLR2004 (a hundred minutes)
        return f"{seconds / 60:.0f} min"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"
