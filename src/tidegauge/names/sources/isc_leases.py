"""The lease file of the ISC DHCP server (``dhcpd.leases``), for IPv4 and IPv6.

It is a journal: each change of a lease is written again at the end, so every interval is in it until the
server tidies up. A released lease keeps its beginning and gets an earlier end. Times are UTC.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS, instant_from_text
from tidegauge.names.address import packed_address
from tidegauge.names.lease import Lease, bindings_of_lease, bindings_of_release
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_duid, mac_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_LEASE = re.compile(r"lease ([0-9.]+) \{")
_IDENTITY = re.compile(r'ia-[nt]a "(.*)" \{')
_ADDRESS = re.compile(r"iaaddr ([0-9a-fA-F:.]+) \{")
_TIME = re.compile(r"(?:epoch (\d+)|\d (\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)|never)")
_OCTET = re.compile(r"\\([0-7]{3})|\\(.)|(.)", re.DOTALL)
_IAID_BYTES = 4


class IscLeases:
    """Every lease and its end."""

    name = "isc-dhcpd-leases"
    title = "ISC dhcpd lease file"

    def recognises(self, head: bytes) -> bool:
        """Whether it says so of itself, or begins with a lease."""
        found = first_lines(head)
        return any("dhcpd.leases(5)" in line or _LEASE.fullmatch(line) for line in found)

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield each lease as it was written down."""
        block = _Block()
        for raw in lines(stream, provenance.refused):
            line = raw.strip()
            if begun := _LEASE.fullmatch(line):
                block = _Block(begun[1])
            elif identity := _IDENTITY.fullmatch(line):
                block = _Block()
                block.mac = mac_from_duid(_duid(identity[1]))
            elif within := _ADDRESS.fullmatch(line):
                block.address = packed_address(within[1])
            elif line == "}":
                if block.address is not None:
                    yield from block.bindings(provenance)
                block.address = None
            else:
                block.read(line)


class _Block:
    """What stands between the braces of one lease."""

    def __init__(self, address: str = "") -> None:
        self.address = packed_address(address)
        self.mac: str | None = None
        self._host_name: str | None = None
        self._state = "active"
        self._starts = self._ends = ""

    def read(self, line: str) -> None:
        """Take in one statement; those that say nothing of the holder are skipped."""
        word, _, rest = line.removesuffix(";").partition(" ")
        match word:
            case "starts" | "cltt":
                self._starts = self._starts or rest
            case "ends":
                self._ends = rest
            case "hardware":
                self.mac = mac_from_text(rest.removeprefix("ethernet "))
            case "client-hostname":
                self._host_name = rest.strip('"')
            case "binding":
                self._state = rest.removeprefix("state ")

    def bindings(self, provenance: Provenance) -> Iterator[Binding]:
        """What the block says of its address."""
        since, until = _instant(self._starts), _instant(self._ends)
        if since is None or (until is None and self._ends != "never") or self.address is None:
            provenance.refused["no time"] += 1
        elif self._state == "active":
            yield from bindings_of_lease(Lease(self.address, self.mac, self._host_name, since, until))
        elif until is not None:
            yield from bindings_of_release(self.address, until)


def _instant(text: str) -> int | None:
    found = _TIME.match(text)
    if not found or found[0] == "never":
        return None
    if found[1]:
        return int(found[1]) * NANOSECONDS
    try:
        return instant_from_text(f"{found[2]}-{found[3]}-{found[4]}T{found[5]}", UTC)
    except ValueError:
        return None


def _duid(text: str) -> str:
    """The client's identifier behind the number of the identity association, both as octal escapes."""
    octets = [
        int(octal, 8) & 0xFF if octal else ord(escaped or plain) & 0xFF
        for octal, escaped, plain in _OCTET.findall(text)
    ]
    return ":".join(f"{octet:02x}" for octet in octets[_IAID_BYTES:])
