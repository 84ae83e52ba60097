"""Results: a table for people, and the same as one line of JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]


def show(title: str, rows: Sequence[Row]) -> None:
    """Print rows of the same keys as a table, then as JSON."""
    names = list(rows[0])
    cells = [names, *[[text(row[name]) for name in names] for row in rows]]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    print(title)
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    print(json.dumps({"benchmark": title, "rows": rows}))
    sys.stdout.flush()


def text(value: object) -> str:
    """Write a cell so that it can be read at a glance."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return " ".join(map(text, value))
    return str(value)
