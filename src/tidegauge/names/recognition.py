"""Which source of names a file belongs to, told by its content: names of files say little."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from tidegauge.names.source import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.names.source import Source


@cache
def sources() -> tuple[Source, ...]:
    """Every installed source, by name."""
    return tuple(point.load()() for point in sorted(entry_points(group=GROUP)))


def source_of(head: bytes, among: Iterable[Source] | None = None) -> Source | None:
    """The source that recognises a file by its first bytes; None when nobody does."""
    candidates = sources() if among is None else among
    return next((source for source in candidates if source.recognises(head)), None)
