"""A source of names: a format of file, and what it says of addresses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding

GROUP = "tidegauge.names"
"""The entry point group in which sources are found, tidegauge's own among them."""
HEAD_BYTES = 8192
"""How much of a file a source may look at to recognise it."""


@dataclass(slots=True)
class Provenance:
    """Where a file's lines come from, for what the lines leave out.

    ``written`` is when the file was last written, in nanoseconds since 1970: a table of what holds now
    held then, and a time without a year lies in the year before it. ``zone`` is that of times without an
    offset. ``refused`` counts, by reason, the lines that could not be read.
    """

    written: int
    zone: tzinfo = UTC
    refused: Counter[str] = field(default_factory=Counter)


class Growth(Enum):
    """How a file of a format comes to say more: what following it live has to know."""

    LINES = "lines"
    """Lines are added at its end, and reading may begin at any of them."""
    HEADED_LINES = "headed lines"
    """The same, but the first line says how to read the others."""
    FRAMES = "frames"
    """It is added to, and can only be read from its beginning."""
    REPLACED = "replaced"
    """It is written anew and says what holds now: who is no longer in it, holds no longer."""
    SIGHTED = "sighted"
    """It is written anew and says what was seen lately: who is no longer in it, may hold all the same."""


def growth_of(source: Source) -> Growth:
    """How files of a source grow: its attribute ``growth``, lines where it has none."""
    return getattr(source, "growth", Growth.LINES)


class Source(Protocol):
    """What the class behind an entry point looks like.

    It reads any bytes in memory that does not grow with the file, and never raises for a line it cannot
    read: such lines are counted in ``provenance.refused``. Lines of no interest are not counted.
    """

    name: str
    """What bindings carry as their source, and what users call the format."""
    title: str
    """What the format is, in a few words."""

    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` has this format."""
        ...

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield what the file says, as it is read."""
        ...
