"""The leases of a FortiGate, as ``execute dhcp lease-list`` prints them.

Under the name of each interface stands a heading, and below it a line for each lease, each value under its
heading. Which columns there are depends on the release; a value may be missing, and some contain spaces.
When the lease ends stands in the device's own time.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.names.address import packed_address
from tidegauge.names.lease import Lease, bindings_of_lease
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_text
from tidegauge.names.source import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_HEADER = re.compile(r"\s+IP\s+MAC-Address\s+Hostname\s.*\bExpiry\s*")
_LINE = re.compile(
    r"\s+([0-9.]+)\s+((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})(.*?)([A-Z][a-z]{2} [A-Z][a-z]{2} .*)"
)


class FortigateLeases:
    """Who holds which address now."""

    name = "fortigate-leases"
    title = "FortiGate execute dhcp lease-list"
    growth = Growth.REPLACED

    def recognises(self, head: bytes) -> bool:
        """Whether it has the command's heading."""
        return any(map(_HEADER.fullmatch, first_lines(head)))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield what card and what device holds each address, from when the file was written."""
        header = ""
        for raw in lines(stream, provenance.refused):
            line = raw.expandtabs()
            if _HEADER.fullmatch(line):
                header = line
            elif found := _LINE.fullmatch(line):
                lease = _lease(found, _host_name(line, header), provenance)
                if lease is None:
                    provenance.refused["no lease"] += 1
                elif lease.until is None or lease.until > lease.since:
                    yield from bindings_of_lease(lease)


def _host_name(line: str, header: str) -> str | None:
    """What stands under the heading: a word that begins there, for a long one runs into the next column."""
    place = header.find("Hostname")
    starts = place > 0 and line[place - 1 : place].isspace() and not line[place : place + 1].isspace()
    return line[place:].split(maxsplit=1)[0] if starts else None


def _lease(found: re.Match[str], host_name: str | None, provenance: Provenance) -> Lease | None:
    address = packed_address(found[1])
    try:
        end = datetime.strptime(found[4].strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=provenance.zone)
    except ValueError:
        return None
    if address is None:
        return None
    until = int(end.timestamp()) * NANOSECONDS
    return Lease(address, mac_from_text(found[2]), host_name, provenance.written, until)
