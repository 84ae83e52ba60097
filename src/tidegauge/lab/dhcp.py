"""Addresses on loan: the office's DHCP server, and what it writes down about it.

A device asks for the address it had before and gets it if nobody else has it now; a newcomer gets the
lowest free one (``dhcp-sequential-ip``). So what somebody took home at noon is somebody else's by three,
and a name holds for an address only as long as the lease does. The log and the lease file are
dnsmasq's, word for word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import text_from_address
from tidegauge.lab.activity import HOUR, SECOND
from tidegauge.lab.address import packed
from tidegauge.lab.people import RESOLVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.lab.journal import Journal
    from tidegauge.lab.people import Device

LEASE = 2 * HOUR
# T1: when a client renews (RFC 2131, section 4.4.5).
RENEWAL = LEASE // 2
# An address is settled this long before the first packet from it.
HANDSHAKE = 3 * SECOND // 10

POOL = tuple(packed(f"192.168.10.{host}") for host in range(10, 200))
PROGRAM = "dnsmasq-dhcp"


# When the devices made up their identifiers, in seconds since 2000.
_DUID_TIME = "2f:1c:44:00"


def duid(device: Device) -> str:
    """Return the DHCP unique identifier of a device: type 1, Ethernet, a time, the MAC (RFC 8415, 11.2)."""
    return f"00:01:00:01:{_DUID_TIME}:{device.mac}"


@dataclass(slots=True)
class Lease:
    """``device`` has ``address`` from ``since`` until ``until``, which every renewal puts off."""

    device: Device
    address: bytes
    since: int
    until: int


class DhcpServer:
    """Lends addresses. Questions must come by time; ``leases`` are all there have been, by start."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._of_device: dict[str, Lease] = {}
        self._of_address: dict[bytes, Lease] = {}
        self.leases: list[Lease] = []

    def address(self, device: Device, since: int, until: int) -> bytes:
        """Return the address that ``device`` has all the time from ``since`` to ``until``.

        A device that comes back takes a lease, and one whose lease is half over renews it.
        """
        lease = self._of_device.get(device.mac)
        if lease is None or lease.until <= since:
            lease = self._lend(device, lease, since - HANDSHAKE)
        elif lease.until - RENEWAL <= since:
            self._renew(lease, since - HANDSHAKE)
        while lease.until <= until:
            self._renew(lease, lease.until - RENEWAL)
        return lease.address

    def handovers(self) -> Iterator[tuple[Lease, Lease]]:
        """Yield the leases between which an address went from one device to another, by time."""
        held: dict[bytes, Lease] = {}
        for lease in self.leases:
            former = held.get(lease.address)
            if former and former.device.mac != lease.device.mac:
                yield former, lease
            held[lease.address] = lease

    def lease_file(self, moment: int) -> str:
        """Return the lease file as it is at ``moment``: when each lease ends, and whose it is."""
        held = [lease for lease in self._of_device.values() if lease.since <= moment < lease.until]
        lines = [_lease_line(lease, lease.device.mac, lease.address, "*") for lease in held]
        lines.append(f"duid {duid(RESOLVER)}")
        lines += [
            _lease_line(lease, "1", lease.device.ipv6, duid(lease.device))
            for lease in held
            if lease.device.ipv6
        ]
        return "\n".join([*lines, ""])

    def _lend(self, device: Device, former: Lease | None, moment: int) -> Lease:
        wanted = former.address if former else device.ipv4
        address = wanted if wanted and self._is_free(wanted, moment) else self._lowest_free(moment)
        self._negotiate(device, wanted, address, moment)
        lease = Lease(device, address, moment, moment + LEASE)
        self._of_device[device.mac] = self._of_address[address] = lease
        self.leases.append(lease)
        return lease

    def _renew(self, lease: Lease, moment: int) -> None:
        self._say("REQUEST", lease.device, lease.address, moment)
        self._acknowledge(lease.device, lease.address, moment)
        lease.until = moment + LEASE

    def _is_free(self, address: bytes, moment: int) -> bool:
        lease = self._of_address.get(address)
        return lease is None or lease.until <= moment

    def _lowest_free(self, moment: int) -> bytes:
        for address in POOL:
            if self._is_free(address, moment):
                return address
        raise RuntimeError(f"all {len(POOL)} addresses are lent: the office has too many devices")

    def _negotiate(self, device: Device, wanted: bytes | None, address: bytes, moment: int) -> None:
        """Note what a client that knows an address says, and one that has none or was refused."""
        if wanted and wanted != address:
            self._say("REQUEST", device, wanted, moment)
            self._say("NAK", device, wanted, moment, "address in use")
        if wanted != address:
            self._journal.note(moment, PROGRAM, f"DHCPDISCOVER(eth0) {device.mac} ")
            self._say("OFFER", device, address, moment)
        self._say("REQUEST", device, address, moment)
        self._acknowledge(device, address, moment)

    def _acknowledge(self, device: Device, address: bytes, moment: int) -> None:
        """Grant the address, and by the same right the IPv6 one: both end and are renewed together."""
        self._say("ACK", device, address, moment, device.host_name)
        if device.ipv6:
            granted = f"{text_from_address(device.ipv6)} {duid(device)} {device.host_name}"
            self._journal.note(moment, PROGRAM, f"DHCPREPLY(eth0) {granted}")

    def _say(self, kind: str, device: Device, address: bytes, moment: int, more: str = "") -> None:
        text = text_from_address(address)
        self._journal.note(moment, PROGRAM, f"DHCP{kind}(eth0) {text} {device.mac} {more}")


def _lease_line(lease: Lease, identity: str, address: bytes, identifier: str) -> str:
    name = lease.device.host_name or "*"
    return f"{lease.until // SECOND} {identity} {text_from_address(address)} {name} {identifier}"
