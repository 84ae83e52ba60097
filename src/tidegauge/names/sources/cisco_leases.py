"""The leases of a Cisco IOS or IOS XE router, as ``show ip dhcp binding`` prints them.

A line: the address, the client's identifier in groups of four digits, when the lease ends in the router's
own time (Infinite: never), the type. A long identifier goes on in the lines below; one of an Ethernet card
is 01 and the card's address, or the address alone. Host names are not shown.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.names.address import packed_address
from tidegauge.names.lease import HOLD, Lease, bindings_of_lease
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_text
from tidegauge.names.source import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_HEADER = re.compile(r" *IP address +Client-ID/ +Lease expiration +Type.*")
_LINE = re.compile(
    r" *([0-9.]+) +([0-9a-fA-F.]+) +([A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d [AP]M|Infinite|--)"
    r" +(Automatic|Manual|Selecting|Relay|Remembered|On-demand)\b.*"
)
_ETHERNET = re.compile(r"(?:01)?([0-9a-fA-F]{12})")
_FOREVER, _UNTOLD = "Infinite", "--"


class CiscoLeases:
    """Who holds which address now."""

    name = "cisco-leases"
    title = "Cisco show ip dhcp binding"
    growth = Growth.REPLACED

    def recognises(self, head: bytes) -> bool:
        """Whether it has the command's heading."""
        return any(map(_HEADER.fullmatch, first_lines(head)))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield what card holds each address, from when the file was written."""
        for line in lines(stream, provenance.refused):
            found = _LINE.fullmatch(line.expandtabs())
            address = packed_address(found[1]) if found else None
            if found is None or address is None:
                continue
            until = _end(found[3], provenance)
            if until == 0:
                provenance.refused["no time"] += 1
            elif until is None or until > provenance.written:
                yield from bindings_of_lease(Lease(address, _mac(found[2]), None, provenance.written, until))


def _mac(identifier: str) -> str | None:
    card = _ETHERNET.fullmatch(identifier.replace(".", ""))
    return mac_from_text(card[1]) if card else None


def _end(text: str, provenance: Provenance) -> int | None:
    """When the lease ends, None for never; 0 for a time that does not exist."""
    if text == _FOREVER:
        return None
    if text == _UNTOLD:
        return provenance.written + HOLD
    try:
        end = datetime.strptime(text, "%b %d %Y %I:%M %p").replace(tzinfo=provenance.zone)
    except ValueError:
        return 0
    return int(end.timestamp()) * NANOSECONDS
