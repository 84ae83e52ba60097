"""A DHCP lease as bindings, whichever server wrote it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.origin import HOST_NAME, LEASE, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLD = 24 * 3600 * NANOSECONDS
"""How long a lease is taken to last where the log does not say.

Too long does little harm: an address that nobody holds sends nothing, and the next holder ends it.
"""


class Lease(NamedTuple):
    """Who held ``address`` from ``since`` until ``until``; None where the server did not learn it."""

    address: bytes
    mac: str | None
    host_name: str | None
    since: int
    until: int | None


def bindings_of_lease(lease: Lease) -> Iterator[Binding]:
    """Say both what card and what device held the address.

    What is not known is said as well, by an empty name: the holder before is gone all the same.
    """
    yield _said(lease, Kind.MAC, lease.mac, LEASE)
    yield _said(lease, Kind.MACHINE, lease.host_name, HOST_NAME)


def bindings_of_release(address: bytes, at: int) -> Iterator[Binding]:
    """Say that from now on nobody holds the address, as far as this server knows."""
    return bindings_of_lease(Lease(address, None, None, at, at))


def _said(lease: Lease, kind: Kind, name: str | None, origin: Origin) -> Binding:
    return Binding(
        kind=kind,
        address=lease.address,
        name=name or "",
        since=lease.since,
        until=lease.until if name else lease.since,
        source=origin.source,
        confidence=origin.confidence,
    )
