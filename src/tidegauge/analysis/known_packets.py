"""Known packets: what became of our own exchanges in what an exporter reports.

We know what passed it, so what came back as records tells how many packets it samples, how long it keeps
records to itself, and whether it loses some. A packet that did not come back proves nothing by itself: it may
have gone another way. So only those count that went, in one direction between two addresses, after one that
came back and before another that did.
"""

from __future__ import annotations

from collections import defaultdict
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegauge.analysis.passings import Asked, Seen

_DEVIATIONS = 1.96
_NANOSECONDS = 1_000_000_000


class Share(NamedTuple):
    """So many of ``known`` packets came back."""

    known: int
    seen: int

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies 95 times in 100: Wilson's interval, which holds for few packets too.

        >>> [round(side, 3) for side in Share(100, 50).interval], Share(0, 0).interval
        ([0.404, 0.596], (0.0, 1.0))
        """
        if not self.known:
            return 0.0, 1.0
        squared, share = _DEVIATIONS**2, self.seen / self.known
        scale = 1 + squared / self.known
        middle = (share + squared / (2 * self.known)) / scale
        spread = share * (1 - share) / self.known + squared / (4 * self.known**2)
        half = _DEVIATIONS * sqrt(spread) / scale
        return max(middle - half, 0.0), min(middle + half, 1.0)


class ExportDelay(NamedTuple):
    """Seconds from a packet's passing to its record's arrival: the median, and at most the longest."""

    middle: float
    longest: float


def share_seen(asked: Iterable[Asked], seen: Iterable[Seen]) -> Share:
    """How many of the single packets that passed an exporter came back from it.

    Connections do not count: a sampler may tell of one by any of its packets.
    """
    returned = {(each.exchange, each.is_question) for each in seen if not each.is_connection}
    sent = defaultdict[object, list[int]](list)
    for each in sorted(asked, key=lambda each: each.sent):
        if not each.is_connection:
            sent[each.client_address, each.server_address].append(each.exchange)
    known = found = 0
    for exchanges in sent.values():
        for is_question in (True, False):
            flags = [(exchange, is_question) in returned for exchange in exchanges]
            # The first and the last that came back are there because they did: counted, they would flatter.
            inner = (
                flags[flags.index(True) + 1 : len(flags) - 1 - flags[::-1].index(True)] if any(flags) else []
            )
            known, found = known + len(inner), found + sum(inner)
    return Share(known, found)


def export_delay(seen: Sequence[Seen]) -> ExportDelay | None:
    """How long an exporter keeps the records of single packets to itself; None of none.

    Both ends are by our clock: the exporter's own plays no part.
    """
    singles = [each for each in seen if not each.is_connection]
    if not singles:
        return None
    least = [(each.arrival - each.received) / _NANOSECONDS for each in singles]
    most = [(each.arrival - each.sent) / _NANOSECONDS for each in singles]
    middle = median((low + high) / 2 for low, high in zip(least, most, strict=True))
    return ExportDelay(middle, max(most))
