"""Which sources can be right, and where the true time is if more than half of them are.

After Marzullo: each source says between which two values our clock's error lies. We do not average, and do
not ask how probable an error is. The result is every value that more than half of the sources allow, from
the least to the greatest. So one liar of three or four can neither move it away from the truth nor make it
narrower than honest sources do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tidegauge.ntp.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

_Key = TypeVar("_Key")


class Selection(NamedTuple):
    """The interval that holds the truth, None where no majority agrees; and who contradicts it."""

    interval: Interval | None
    falsetickers: frozenset[object]


def select(intervals: Mapping[_Key, Interval]) -> Selection:
    """Find what a majority allows.

    Without a majority nobody is called a falseticker: nothing tells who lies.

    >>> select({"a": Interval(-2, 3), "b": Interval(-1, 4), "liar": Interval(90, 91)})
    Selection(interval=Interval(low=-1, high=3), falsetickers=frozenset({'liar'}))
    """
    majority = len(intervals) // 2 + 1
    # Sorted, an interval that begins where another ends still overlaps it.
    edges = sorted(
        [(low, 0) for low, _ in intervals.values()] + [(high, 1) for _, high in intervals.values()]
    )
    low = high = None
    agreeing = 0
    for value, is_end in edges:
        if agreeing == majority and is_end:
            high = value
        agreeing += -1 if is_end else 1
        if agreeing == majority and not is_end and low is None:
            low = value
    if low is None or high is None:
        return Selection(None, frozenset())
    found = Interval(low, high)
    return Selection(
        found, frozenset(name for name, interval in intervals.items() if not interval.overlaps(found))
    )
