"""FreeRADIUS accounting (``detail`` files): who logged in where, and until when (RFC 2866).

A record is a line with the time, indented lines of attributes, and an empty line. Its ``Timestamp`` is in
seconds since 1970. A session that never ends, because its Stop was lost, is held for a day after it was
last heard of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.address import packed_address
from tidegauge.names.lease import HOLD
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_text
from tidegauge.names.origin import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.names.source import Provenance

_ATTRIBUTE = re.compile(r"\t([\w-]+) = (.*)")
_ADDRESSES = ("Framed-IP-Address", "Framed-IPv6-Address")
_NUMBER = re.compile(r"[0-9]{1,10}")
_LATEST = 2**33
_MOST_ATTRIBUTES = 500


class RadiusDetail:
    """Log-ins and log-outs."""

    name = "radius-detail"
    title = "FreeRADIUS accounting file"

    def recognises(self, head: bytes) -> bool:
        """Whether the first lines are attributes of accounting."""
        return any(line.startswith("\tAcct-Status-Type = ") for line in first_lines(head))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield who used which address, by user name and by network card."""
        record: dict[str, str] = {}
        for line in lines(stream, provenance.refused):
            if attribute := _ATTRIBUTE.fullmatch(line):
                if len(record) < _MOST_ATTRIBUTES:
                    record[attribute[1]] = attribute[2]
                continue
            yield from _session(record, provenance)
            record = {}
        yield from _session(record, provenance)


def _session(record: dict[str, str], provenance: Provenance) -> Iterator[Binding]:
    status = record.get("Acct-Status-Type", "")
    if status not in ("Start", "Interim-Update", "Alive", "Stop"):
        return
    at, lasted = _number(record, "Timestamp"), _number(record, "Acct-Session-Time") or 0
    addresses = [packed_address(record.get(name, "")) for name in _ADDRESSES]
    if at is None or not any(addresses):
        provenance.refused["no time or address"] += 1
        return
    at = max(0, at - (_number(record, "Acct-Delay-Time") or 0)) * NANOSECONDS
    since = max(0, at - lasted * NANOSECONDS)
    mac = mac_from_text(_text(record, "Calling-Station-Id"))
    for address in filter(None, addresses):
        for kind, name in ((Kind.PERSON, _text(record, "User-Name")), (Kind.MAC, mac or "")):
            if status == "Stop":
                yield _said(kind, address, name, since, at)
                yield _said(kind, address, "", at, at)
            elif name:
                yield _said(kind, address, name, since, at + HOLD)


def _said(kind: Kind, address: bytes, name: str, since: int, until: int) -> Binding:
    return Binding(
        kind=kind,
        address=address,
        name=name,
        since=since,
        until=until,
        source=LOGIN.source,
        confidence=LOGIN.confidence,
    )


def _text(record: dict[str, str], attribute: str) -> str:
    return re.sub(r"\\(.)", r"\1", record.get(attribute, "").strip('"'))


def _number(record: dict[str, str], attribute: str) -> int | None:
    text = record.get(attribute, "")
    return int(text) if _NUMBER.fullmatch(text) and int(text) < _LATEST else None
