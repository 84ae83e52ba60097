"""A pin: what a person says an address was, which goes before whatever else says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.address import packed_address
from tidegauge.names.origin import PINNED

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange


class PinError(ValueError):
    """A pin that cannot be meant; ``part`` is ``address`` or ``name``, whichever is wrong."""

    def __init__(self, part: str, told: str) -> None:
        super().__init__(told)
        self.part = part


def pin(address: str, name: str, time_range: TimeRange, *, is_machine: bool = False) -> Binding:
    """That ``address`` was ``name``'s during a range, whose open sides mean always and for good.

    A later pin outranks an earlier one while it lasts. Raises PinError.

    >>> from tidegauge.clock.timerange import TimeRange
    >>> pin("192.0.2.7", "Ann", TimeRange()).is_pinned
    True
    """
    packed = packed_address(address)
    if packed is None:
        raise PinError("address", f"{address} is no IP address")
    if not name.strip():
        raise PinError("name", "a name has at least one letter")
    return Binding(
        kind=Kind.MACHINE if is_machine else Kind.PERSON,
        address=packed,
        name=name.strip(),
        since=time_range.since or 0,
        until=time_range.until,
        source=PINNED.source,
        confidence=PINNED.confidence,
        is_pinned=True,
    )
