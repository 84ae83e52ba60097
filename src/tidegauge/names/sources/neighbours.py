"""Tables of neighbours: which network card answers for which address, as the machine saw it.

What ``ip neigh``, ``arp -an`` (Linux, BSD, macOS, Windows), ``/proc/net/arp``, Cisco's ``show ip arp`` and
MikroTik's ``/ip arp print`` print. A table says what
held when it was written, so it is worth keeping one every few hours; each is taken to hold for a day, or
until another says otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.address import packed_address
from tidegauge.names.lease import HOLD
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_text
from tidegauge.names.origin import NEIGHBOUR
from tidegauge.names.source import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.names.source import Provenance

_MAC = r"((?:[0-9a-fA-F]{1,2}[:-]){5}[0-9a-fA-F]{1,2})"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"([0-9a-fA-F.:]+) dev \S+ (?:used \S+ )?lladdr {_MAC}(?: .*)?",
        rf"([0-9.]+) +0x1 +0x[0-9a-f]+ +{_MAC} +\S+ +\S+",
        rf"\S+ \(([0-9.]+)\) at {_MAC} .*",
        rf"  ([0-9.]+) +{_MAC} +(?:dynamic|static) *",
        r"Internet +([0-9.]+) +(?:\d+|-) +((?:[0-9a-f]{4}\.){2}[0-9a-f]{4}) +ARPA(?: .*)?",
        rf" *\d+ +[A-Z]+ +([0-9.]+) +{_MAC} +\S.*",
    )
)
# Headers, and neighbours that did not answer.
_EMPTY = re.compile(
    r"|IP address +HW type.*|Interface: .*|  Internet Address.*"
    r"|Protocol +Address +Age.*|Internet +[0-9.]+ +\S+ +Incomplete +ARPA.*"
    r"|Flags: .*|Columns: .*|(?:[A-Z], )*[A-Z] - .*|[ #]+ADDRESS +MAC-ADDRESS.*| *\d+ +[A-Z]+ +[0-9.]+ +[^:]*"
    r"|.* (?:FAILED|INCOMPLETE|NOARP|<incomplete> .*) *|[0-9.]+ +0x\d+ +0x0 .*"
)
_NOBODY = {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}
_PADDED = re.compile(r"(?<![0-9a-fA-F])([0-9a-fA-F])(?![0-9a-fA-F])")


class Neighbours:
    """Addresses and cards, as of one moment."""

    name = "neighbours"
    title = "table of neighbours (ip neigh, arp)"
    growth = Growth.SIGHTED

    def recognises(self, head: bytes) -> bool:
        """Whether every one of the first lines belongs to such a table."""
        found = first_lines(head)
        return any(map(_neighbour, found)) and all(
            _neighbour(line) or _EMPTY.fullmatch(line) for line in found
        )

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield each neighbour, from when the file was written."""
        for line in lines(stream, provenance.refused):
            neighbour = _neighbour(line)
            if neighbour is None:
                if not _EMPTY.fullmatch(line):
                    provenance.refused["no neighbour"] += 1
            elif neighbour[1] not in _NOBODY:
                address, mac = neighbour
                yield Binding(
                    kind=Kind.MAC,
                    address=address,
                    name=mac,
                    since=provenance.written,
                    until=provenance.written + HOLD,
                    source=NEIGHBOUR.source,
                    confidence=NEIGHBOUR.confidence,
                )


def _neighbour(line: str) -> tuple[bytes, str] | None:
    for shape in _SHAPES:
        if found := shape.fullmatch(line):
            # BSD leaves out zeros: 0:1b:44:11:3a:1.
            address, mac = packed_address(found[1]), mac_from_text(_PADDED.sub(r"0\1", found[2]))
            return (address, mac) if address and mac else None
    return None
