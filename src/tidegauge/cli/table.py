"""A table for reading: columns beside each other, as wide as the widest of their cells.

A ledger may have a row for each exporter that somebody made up, so a cell costs what its text costs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

_BETWEEN = "  "
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of what shows nothing itself and changes what others show."""

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class TableColumn(NamedTuple):
    """A column: its name, its cells, and whether these stand to the left."""

    name: str
    cells: Sequence[str]
    is_left: bool


def write_table(columns: Sequence[TableColumn], stream: TextIO) -> None:
    """Write columns of as many cells each. A cut-off address is worse than a line that the terminal folds."""
    padded = [list(_padded(column)) for column in columns]
    lines = (_BETWEEN.join(cells).rstrip() for cells in zip(*padded, strict=True))
    header = next(lines, "")
    stream.write(f"{_BOLD}{header}{_PLAIN}\n" if _is_bold(stream) else f"{header}\n")
    stream.writelines(f"{line}\n" for line in lines)


def _padded(column: TableColumn) -> Iterator[str]:
    """The name and the cells, all of one width on a terminal."""
    cells = [_printable(cell) for cell in (column.name, *column.cells)]
    widths = [_width(cell) for cell in cells]
    widest = max(widths)
    for cell, width in zip(cells, widths, strict=True):
        gap = " " * (widest - width)
        yield cell + gap if column.is_left else gap + cell


def _printable(cell: str) -> str:
    """A cell in which nothing gives a terminal orders, or ends a line: names come from strangers."""
    if cell.isprintable():
        return cell
    return "".join(
        each.encode("unicode_escape").decode("ascii") if category(each) in _UNSEEN else each for each in cell
    )


def _width(cell: str) -> int:
    if cell.isascii():
        return len(cell)
    from rich.cells import cell_len  # noqa: PLC0415 (few tables have such a cell)

    return cell_len(cell)


def _is_bold(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")
