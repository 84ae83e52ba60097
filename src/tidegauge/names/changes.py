"""What is new in a table that is read again and again: a table of leases, of neighbours, of hosts."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegauge.flow.binding import Binding, Kind

_Key = tuple["Kind", bytes, bytes | None]


class Changes:
    """Passes on what no earlier reading of the table said.

    A table says of most rows what it said before, only counted from a later moment; those are left out. A
    row whose end is always as far off (a neighbour's) is said again when half of its time is over. More than
    ``most`` rows are passed on unseen.
    """

    def __init__(self, most: int = 262_144) -> None:
        self._most = most
        self._told: OrderedDict[_Key, Binding] = OrderedDict()

    def of(self, table: Iterable[Binding], at: int, *, is_complete: bool) -> Iterator[Binding]:
        """Yield the changes; ``at`` is when the table was written.

        Where a table ``is_complete``, what it says no longer has ended, and that is a change as well.
        """
        seen: set[_Key] = set()
        for binding in table:
            key = (binding.kind, binding.address, binding.client)
            told = self._told.get(key)
            seen.add(key)
            if told is not None and _says_the_same(told, binding, at):
                continue
            if told is not None or len(self._told) < self._most:
                self._told[key] = binding
            yield binding
        for key in self._told.keys() - seen:
            gone = self._told.pop(key)
            if is_complete and gone.name and (gone.until is None or gone.until > at):
                yield msgspec.structs.replace(gone, name="", since=at, until=at)


def _says_the_same(told: Binding, binding: Binding, at: int) -> bool:
    if (told.name, told.source, told.confidence) != (binding.name, binding.source, binding.confidence):
        return False
    if told.until == binding.until or not binding.name:
        return True
    if told.until is None or binding.until is None:
        return False
    hold = told.until - told.since
    return binding.since == at and binding.until - binding.since == hold and at - told.since < hold // 2
