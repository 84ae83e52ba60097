"""A hosts file: addresses and the names somebody gave them (hosts(5))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.address import is_specified, packed_address
from tidegauge.names.answer import domain_name
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.origin import HOSTS_FILE
from tidegauge.names.source import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.names.source import Provenance

_NAME = re.compile(r"[\w.-]+")
_LOOPBACK = {bytes(15) + b"\x01", bytes(10) + b"\xff\xff\x7f\x00\x00\x01"}


class HostsFile:
    """Names of addresses, for everybody."""

    name = "hosts-file"
    title = "hosts file"
    growth = Growth.REPLACED

    def recognises(self, head: bytes) -> bool:
        """Whether every one of the first lines that says anything is an address and a name."""
        said = [line for line in map(_words, first_lines(head)) if line]
        return bool(said) and all(map(_is_entry, said))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield the first name of each address, from when the file was written."""
        for line in lines(stream, provenance.refused):
            words = _words(line)
            if not words:
                continue
            address = packed_address(words[0])
            name = domain_name(words[1]) if len(words) > 1 else ""
            if address is None or not name:
                provenance.refused["no address and name"] += 1
            # Lists that block advertisements send thousands of names to nowhere.
            elif is_specified(address) and address not in _LOOPBACK:
                yield Binding(
                    kind=Kind.HOST,
                    address=address,
                    name=name,
                    since=provenance.written,
                    until=None,
                    source=HOSTS_FILE.source,
                    confidence=HOSTS_FILE.confidence,
                )


def _is_entry(words: list[str]) -> bool:
    return len(words) > 1 and packed_address(words[0]) is not None and all(map(_NAME.fullmatch, words[1:]))


def _words(line: str) -> list[str]:
    return line.partition("#")[0].split()
