"""Pictures drawn as SVG into the page: no script, no font and no file of their own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.reports.figure import figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.analysis.answer import Answer

WIDTH = 640
_ROW, _LABEL, _VALUE = 22, 190, 90
_HEIGHT, _LEFT, _BOTTOM, _TOP = 200, 70, 22, 8
# Told apart in grey and by colour-blind readers too (Okabe and Ito).
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8200", "#555555")


def bars(answer: Answer) -> str:
    """Horizontal bars of the first metric by the first column; empty where the answer has neither."""
    label, metric = _label(answer), _metric(answer)
    rows = [row for row in answer.data if metric and row[metric["name"]] is not None]
    if not label or not metric or not rows:
        return ""
    largest = max(row[metric["name"]] for row in rows) or 1
    drawn = [
        _bar(number, str(row[label] or "unknown"), row[metric["name"]], largest, metric["unit"])
        for number, row in enumerate(rows)
    ]
    return _drawing(len(rows) * _ROW, f"{metric['name']} by {label}", drawn)


def lines(answer: Answer) -> str:
    """The first metric over time, a line for each group, for rows that have ``time``."""
    metric = _metric(answer)
    if not metric or not answer.data or "time" not in answer.data[0]:
        return ""
    label = _label(answer)
    times = sorted({row["time"] for row in answer.data})
    groups = list(dict.fromkeys(str(row[label]) if label else "" for row in answer.data))[: len(COLOURS)]
    values = {
        (str(row[label]) if label else "", row["time"]): row[metric["name"]] or 0 for row in answer.data
    }
    largest = max(values.values()) or 1
    drawn = [_axis(largest, metric["unit"], times)]
    for number, group in enumerate(groups):
        points = [values.get((group, time), 0) / largest for time in times]
        drawn.append(_line(points, COLOURS[number]))
        if label:
            drawn.append(_key(number, group))
    height = _HEIGHT + (_ROW * ((len(groups) + 3) // 4) if label else 0)
    return _drawing(height, f"{metric['name']} over time", drawn)


def _label(answer: Answer) -> str:
    names = [column["name"] for column in answer.columns if column["name"] != "time"]
    return next((name for name in names if not _counts(answer, name)), "")


def _counts(answer: Answer, name: str) -> bool:
    return (
        any(column["name"] == name and column["unit"] for column in answer.columns) or name in answer.totals
    )


def _metric(answer: Answer) -> dict[str, str] | None:
    return next((column for column in answer.columns if _counts(answer, column["name"])), None)


def _bar(number: int, label: str, value: float, largest: float, unit: str) -> str:
    top = number * _ROW
    length = max(1.0, (WIDTH - _LABEL - _VALUE) * value / largest)
    shown = label if len(label) <= 28 else f"{label[:27]}…"  # noqa: PLR2004 (what fits the column)
    return (
        f'<text x="{_LABEL - 8}" y="{top + 15}" text-anchor="end">{escape(shown)}</text>'
        f'<rect x="{_LABEL}" y="{top + 4}" width="{length:.1f}" height="{_ROW - 8}" fill="{COLOURS[0]}"/>'
        f'<text x="{_LABEL + length + 6:.1f}" y="{top + 15}">{escape(figure(value, unit))}</text>'
    )


def _axis(largest: float, unit: str, times: Sequence[str]) -> str:
    floor = _HEIGHT - _BOTTOM
    ticks = "".join(_tick(_level(share), figure(largest * share, unit)) for share in (0, 0.5, 1))
    first, last = (escape(figure(time, type_="instant")) for time in (times[0], times[-1]))
    return (
        f'{ticks}<text x="{_LEFT}" y="{floor + 16}">{first}</text>'
        f'<text x="{WIDTH}" y="{floor + 16}" text-anchor="end">{last}</text>'
    )


def _tick(level: int, text: str) -> str:
    return (
        f'<line x1="{_LEFT}" x2="{WIDTH}" y1="{level}" y2="{level}" stroke="#dde4e9"/>'
        f'<text x="{_LEFT - 6}" y="{level + 4}" text-anchor="end">{escape(text)}</text>'
    )


def _level(share: float) -> int:
    return round(_TOP + (_HEIGHT - _BOTTOM - _TOP) * (1 - share))


def _line(shares: Sequence[float], colour: str) -> str:
    step = (WIDTH - _LEFT) / max(1, len(shares) - 1)
    points = " ".join(f"{_LEFT + number * step:.1f},{_level(share)}" for number, share in enumerate(shares))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _key(number: int, group: str) -> str:
    left, top = _LEFT + number % 4 * 140, _HEIGHT + number // 4 * _ROW
    return (
        f'<rect x="{left}" y="{top + 6}" width="10" height="10" fill="{COLOURS[number]}"/>'
        f'<text x="{left + 15}" y="{top + 15}">{escape(group[:18])}</text>'
    )


def _drawing(height: int, title: str, parts: Sequence[Any]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" role="img" aria-label="{escape(title)}" font-size="12"'
        f' font-family="sans-serif">{"".join(parts)}</svg>'
    )
