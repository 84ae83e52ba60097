"""The debug log of the Windows DNS server, with "Details" switched on.

Each packet is a line with the local time, the peer and the question; with details the decoded message
follows. Without them no address is ever named, and nothing can be learnt. The time is written as the
server's country writes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS, instant_from_text
from tidegauge.names.address import packed_address
from tidegauge.names.answer import site_of_answer
from tidegauge.names.lines import first_lines, lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_PACKET = re.compile(
    r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4}) (\d{1,2}):(\d\d):(\d\d)(?: ([AP])M)?"
    r" [0-9A-Fa-f]+ PACKET +[0-9A-Fa-f]+ (?:UDP|TCP)"
    r" (Snd|Rcv) ([0-9a-fA-F.:]+) +[0-9a-fA-F]{4} (R| ) . \[.*\] (\S+) +(\(\S+)"
)
_LABEL = re.compile(r"\(\d+\)([^(]*)")
_SECTION = re.compile(r" +([A-Z]+) SECTION:")
_TTL = re.compile(r" +TTL +(\d{1,10})")
_DATA = re.compile(r" +DATA +(\S+)")
_DAY = 24 * 3600 * NANOSECONDS
NO_ADDRESS = "answer without its address; switch on details in the debug log"


class WindowsDns:
    """Answers that clients were given."""

    name = "windows-dns"
    title = "Windows DNS debug log"

    def recognises(self, head: bytes) -> bool:
        """Whether one of the first lines is a packet, or the log's own explanation."""
        return any(
            _PACKET.fullmatch(line.rstrip()) or "DNS Server log file creation" in line
            for line in first_lines(head)
        )

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield the addresses that clients were sent."""
        packet: _Sent | None = None
        for raw in lines(stream, provenance.refused):
            line = raw.rstrip()
            if header := _PACKET.fullmatch(line):
                if packet is not None and not packet.has_details:
                    provenance.refused[NO_ADDRESS] += 1
                packet = _sent(header, provenance)
            elif packet is not None:
                yield from packet.read(line)


class _Sent:
    """An answer on its way to a client, while its details are read."""

    def __init__(self, name: str, client: bytes, at: int) -> None:
        self.has_details = False
        self._name = name
        self._client = client
        self._at = at
        self._section = ""
        self._ttl_seconds = 0

    def read(self, line: str) -> Iterator[Binding]:
        """Take in one line of details; yield what it adds."""
        if section := _SECTION.fullmatch(line):
            self.has_details, self._section = True, section[1]
        elif ttl := _TTL.fullmatch(line):
            self._ttl_seconds = int(ttl[1])
        elif self._section == "ANSWER" and (data := _DATA.fullmatch(line)):
            address = packed_address(data[1])
            if address is not None:
                site = site_of_answer(self._name, address, self._client, self._at, self._ttl_seconds)
                yield from [site] if site else []


def _sent(header: re.Match[str], provenance: Provenance) -> _Sent | None:
    """An answer to a client that may name an address; None for any other packet."""
    if header[8] != "Snd" or header[10] != "R" or header[11] not in ("A", "AAAA"):
        return None
    client = packed_address(header[9])
    at = _instant(header, provenance.zone, provenance.written)
    if client is None or at is None:
        provenance.refused["no time or client"] += 1
        return None
    return _Sent(".".join(_LABEL.findall(header[12])), client, at)


def _instant(header: re.Match[str], zone: tzinfo, written: int) -> int | None:
    """The instant of a packet. Of month and day, either may come first.

    With AM and PM it is the month. Else the later reading that is not after the file was written counts.
    """
    first, second, third, hour, minute, seconds, half = header.groups()[:7]
    hours = int(hour) % 12 + (12 if half == "P" else 0) if half else int(hour)
    if len(first) == 4:  # noqa: PLR2004 (a year)
        dates = [(first, second, third)]
    else:
        dates = [(third, first, second), (third, second, first)][: 1 if half else 2]
    readings = []
    for year, month, day in dates:
        text = f"{int(year):04d}-{int(month):02d}-{int(day):02d}T{hours:02d}:{minute}:{seconds}"
        try:
            readings.append(instant_from_text(text, zone))
        except ValueError:
            continue
    return max((reading for reading in readings if reading <= written + _DAY), default=None)
