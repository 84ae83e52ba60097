"""The log of the ISC DHCP server (``dhcpd``), in its own file or among others in syslog.

An acknowledged lease names the address, the card and, in brackets, what the device calls itself; how long it
was lent is not logged. Offers and requests lend nothing, and refusals change nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.names.address import packed_address
from tidegauge.names.lease import HOLD, Lease, bindings_of_lease, bindings_of_release
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.log_time import SYSLOG_TIME, instant_from_syslog
from tidegauge.names.mac import mac_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_LINE = re.compile(
    rf"({SYSLOG_TIME}) (?:\S+ )?dhcpd(?:\[\d+\])?: DHCP(ACK|RELEASE|EXPIRE)"
    r" (?:on|of) ([0-9.]+) (?:to|from) ([0-9a-fA-F:]+)(?: \((.*?)\))? via .*"
)
_ANY = re.compile(rf"(?:{SYSLOG_TIME}) (?:\S+ )?dhcpd(?:\[\d+\])?: .*")


class IscLog:
    """Leases as they are given, and given back."""

    name = "isc-dhcpd-log"
    title = "ISC dhcpd log"

    def recognises(self, head: bytes) -> bool:
        """Whether one of the first lines was written by dhcpd; others may share the log."""
        return any(map(_ANY.fullmatch, first_lines(head)))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield what card and what device got an address, and when one was given back."""
        for line in lines(stream, provenance.refused):
            found = _LINE.fullmatch(line)
            address = packed_address(found[3]) if found else None
            if found is None or address is None:
                continue
            at = instant_from_syslog(found[1], provenance.zone, provenance.written)
            if at is None:
                provenance.refused["no time"] += 1
            elif found[2] == "ACK":
                yield from bindings_of_lease(
                    Lease(address, mac_from_text(found[4]), found[5] or None, at, at + HOLD)
                )
            else:
                yield from bindings_of_release(address, at)
