"""Answers given again: a client that asks for the same name every few seconds says nothing new."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.binding import Kind

if TYPE_CHECKING:
    from tidegauge.flow.binding import Binding

_PERIOD = 300 * NANOSECONDS


class Repeats:
    """Remembers what clients were told lately, so that a busy resolver does not fill the disk.

    An answer holds for an hour at least, so its end comes at most five minutes early where the next ones were
    left out. ``most`` answers are remembered, the oldest forgotten first.
    """

    def __init__(self, most: int = 65_536) -> None:
        self._most = most
        self._told: OrderedDict[tuple[bytes | None, bytes], Binding] = OrderedDict()

    def is_one(self, binding: Binding) -> bool:
        """Whether this was said in the last minutes, and nothing else about the address since then."""
        if binding.kind is not Kind.SITE:
            return False
        key = (binding.client, binding.address)
        told = self._told.get(key)
        if told is not None and told.name == binding.name and _is_near(told, binding):
            return True
        self._told[key] = binding
        self._told.move_to_end(key)
        if len(self._told) > self._most:
            self._told.popitem(last=False)
        return False


def _is_near(told: Binding, binding: Binding) -> bool:
    if told.until is None or binding.until is None:
        return told.until == binding.until
    return 0 <= binding.since - told.since < _PERIOD and binding.until - told.until < _PERIOD
