"""The lease file of dnsmasq (``dnsmasq.leases``), as Pi-hole and most home routers keep it.

A line: when the lease ends in seconds since 1970 (0 = never), the hardware address, or for IPv6 the
identity association, the address, the host name or ``*``, the client identifier or ``*``. Nothing says
when the lease began, so it counts from when the file was written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.names.address import packed_address
from tidegauge.names.lease import Lease, bindings_of_lease
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_duid, mac_from_text
from tidegauge.names.source import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_LINE = re.compile(r"(\d{1,10}) (\S+) ([0-9a-fA-F.:]+) (\S+) (\S+)")
_SERVER = re.compile(r"duid [0-9a-f:]+")


class DnsmasqLeases:
    """Who holds which address now."""

    name = "dnsmasq-leases"
    title = "dnsmasq lease file"
    growth = Growth.REPLACED

    def recognises(self, head: bytes) -> bool:
        """Whether each of the first lines is a lease, or the server's own identifier."""
        found = first_lines(head)
        return any(_LINE.fullmatch(line) for line in found) and all(
            _LINE.fullmatch(line) or _SERVER.fullmatch(line) for line in found
        )

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield what card and what device holds each address, from when the file was written."""
        for line in lines(stream, provenance.refused):
            if _SERVER.fullmatch(line) or not line:
                continue
            lease = _lease(line, provenance.written)
            if lease is None:
                provenance.refused["no lease"] += 1
            elif lease.until is None or lease.until > lease.since:
                yield from bindings_of_lease(lease)


def _lease(line: str, written: int) -> Lease | None:
    found = _LINE.fullmatch(line)
    address = packed_address(found[3]) if found else None
    if found is None or address is None:
        return None
    until = int(found[1]) * NANOSECONDS or None
    mac = mac_from_text(found[2]) or mac_from_duid(found[5])
    return Lease(address, mac, None if found[4] == "*" else found[4], written, until)
