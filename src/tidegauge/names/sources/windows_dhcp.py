"""The audit log of the Windows DHCP server (``DhcpSrvLog-Mon.log`` and its brothers).

A page of explanation, then lines of comma-separated columns: what happened by number, the local date as
MM/DD/YY and time, the address, the host name, the hardware address without separators. It does not say
how long a lease lasts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.names.address import packed_address
from tidegauge.names.lease import HOLD, Lease, bindings_of_lease, bindings_of_release
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_HEADER = "ID,Date,Time,Description,IP Address,Host Name,MAC Address"
_EVENT = re.compile(r"(\d\d),(\d\d)/(\d\d)/(\d\d),(\d\d:\d\d:\d\d),[^,]*,([0-9.]+),([^,]*),([^,]*)(?:,.*)?")
_GIVEN = {"10", "11", "20", "21"}
"""A new lease, a renewal, and the same for BOOTP."""
_ENDED = {"12", "16", "17", "18", "23"}
"""Released, deleted, expired, expired and deleted, BOOTP deleted."""


class WindowsDhcp:
    """Leases given and ended."""

    name = "windows-dhcp"
    title = "Windows DHCP audit log"

    def recognises(self, head: bytes) -> bool:
        """Whether one of the first lines names the columns."""
        return any(line.startswith(_HEADER) for line in first_lines(head))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield who got an address, and when it came back."""
        for line in lines(stream, provenance.refused):
            if not (event := _EVENT.fullmatch(line)) or event[1] not in _GIVEN | _ENDED:
                continue
            at, address = _instant(event, provenance.zone), packed_address(event[6])
            if at is None or address is None:
                provenance.refused["no time or address"] += 1
            elif event[1] in _ENDED:
                yield from bindings_of_release(address, at)
            else:
                yield from bindings_of_lease(
                    Lease(address, mac_from_text(event[8]), event[7] or None, at, at + HOLD)
                )


def _instant(event: re.Match[str], zone: tzinfo) -> int | None:
    try:
        return instant_from_text(f"20{event[4]}-{event[2]}-{event[3]}T{event[5]}", zone)
    except ValueError:
        return None
