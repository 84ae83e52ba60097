"""The leases of a MikroTik router, as ``/ip dhcp-server lease print detail`` prints them.

A lease is a number, letters for its flags, and properties ``name=value`` over several lines, up to an
empty line or the next number. A comment stands behind ``;;;``. How long the lease still
runs is counted from when it was printed, so the file's own date places it; a lease that is only reserved is
held by nobody.
"""

from __future__ import annotations

import re
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

_BEGIN = re.compile(r" *\d+ +(?:[A-Z]+ +)*(?:;;;.*|(?=[a-z-]+=).*)")
_PROPERTY = re.compile(r'([a-z0-9-]+)=("(?:[^"\\]|\\.)*"|\S*)')
_PART = re.compile(r"(\d+)([wdhms])")
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d)")
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_MOST_PROPERTIES = 100
_BOUND = "bound"


class MikrotikLeases:
    """Who holds which address now."""

    name = "mikrotik-leases"
    title = "MikroTik /ip dhcp-server lease print detail"
    growth = Growth.REPLACED

    def recognises(self, head: bytes) -> bool:
        """Whether some of the first lines say of a lease what only this command says."""
        found = "\n".join(first_lines(head))
        return " mac-address=" in found and (" active-mac-address=" in found or " expires-after=" in found)

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield what card and what device holds each address, from when the file was written."""
        properties: dict[str, str] = {}
        for line in lines(stream, provenance.refused):
            if not line.strip() or _BEGIN.fullmatch(line):
                yield from _told(properties, provenance)
                properties = {}
            if len(properties) < _MOST_PROPERTIES:
                said, _, _ = line.partition(";;;")
                properties |= {name: value.strip('"') for name, value in _PROPERTY.findall(said)}
        yield from _told(properties, provenance)


def _told(properties: dict[str, str], provenance: Provenance) -> Iterator[Binding]:
    if properties.get("status") != _BOUND:
        return
    address = packed_address(properties.get("active-address") or properties.get("address") or "")
    mac = mac_from_text(properties.get("active-mac-address") or properties.get("mac-address") or "")
    left = properties.get("expires-after")
    seconds = _seconds(left) if left else None
    if address is None or (left and seconds is None):
        provenance.refused["no lease"] += 1
        return
    until = None if seconds is None else provenance.written + seconds * NANOSECONDS
    yield from bindings_of_lease(
        Lease(address, mac, properties.get("host-name") or None, provenance.written, until)
    )


def _seconds(text: str) -> int | None:
    """A duration as RouterOS writes it: 1d2h3m4s, before version 7 also 1d02:03:04; None for other text."""
    clock = _CLOCK.search(text)
    parts = _PART.findall(text[: clock.start()] if clock else text)
    written = "".join(number + unit for number, unit in parts) + (clock[0] if clock else "")
    if written != text or not text:
        return None
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in parts)
    return seconds + (int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]) if clock else 0)
