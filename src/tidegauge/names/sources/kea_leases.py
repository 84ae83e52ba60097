"""The lease file of Kea (memfile, ``kea-leases4.csv`` and ``kea-leases6.csv``).

A journal with a header: each change of a lease is one more line, with when it ends and how long it was
given for. A release is a lease of zero seconds.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.names.address import packed_address
from tidegauge.names.lease import Lease, bindings_of_lease, bindings_of_release
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.mac import mac_from_duid, mac_from_text
from tidegauge.names.source import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_NEEDED = {"address", "valid_lifetime", "expire", "hostname", "state"}
_IN_USE, _PREFIX = "0", "2"
_NEVER = 2**32 - 1
_ESCAPED = re.compile(r"&#x([0-9a-fA-F]{2})")


class KeaLeases:
    """Every lease and its end."""

    name = "kea-leases"
    title = "Kea lease file"
    growth = Growth.HEADED_LINES

    def recognises(self, head: bytes) -> bool:
        """Whether the first line names Kea's columns."""
        found = first_lines(head)
        return bool(found) and set(found[0].split(",")) >= _NEEDED

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield each lease as it was written down."""
        for row in csv.DictReader(lines(stream, provenance.refused)):
            lease = _lease(row)
            if lease is None:
                provenance.refused["no lease"] += 1
            elif row.get("lease_type") == _PREFIX:
                continue  # a whole network, given to a router
            elif row["state"] == _IN_USE and (lease.until is None or lease.until > lease.since):
                yield from bindings_of_lease(lease)
            else:
                yield from bindings_of_release(
                    lease.address, lease.since if lease.until is None else lease.until
                )


def _lease(row: Mapping[str, str | None]) -> Lease | None:
    address = packed_address(row.get("address") or "")
    try:
        expires, lifetime = int(row["expire"] or ""), int(row["valid_lifetime"] or "")
    except ValueError:
        return None
    if address is None or not 0 <= expires - lifetime <= expires < _NEVER * 2:
        return None
    until = None if lifetime == _NEVER else expires * NANOSECONDS
    mac = mac_from_text(row.get("hwaddr") or "") or mac_from_duid(row.get("duid") or "")
    host_name = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), row.get("hostname") or "").removesuffix(
        "."
    )
    return Lease(address, mac, host_name or None, (expires - lifetime) * NANOSECONDS, until)
