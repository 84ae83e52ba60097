"""Translation at the internet router: many private addresses behind one public one.

IPv4 shares a single public address by port (NAPT, RFC 3022); IPv6 exchanges only the prefix
(NPTv6, RFC 6296) and keeps the ports.
"""

from __future__ import annotations

from tidegauge.lab.people import OFFICE_PREFIX, PUBLIC_ADDRESS, PUBLIC_PREFIX

FIRST_PORT = 1024
PORTS = 65536 - FIRST_PORT
# RFC 5382, section 5: an established connection may be forgotten after two hours and four minutes.
FORGOTTEN_AFTER = 7440 * 1_000_000_000


class PortTranslation:
    """Public ports, and who holds each.

    Keeps the private port where it is free, as home and office routers do, else takes the next free
    one. Raises RuntimeError when all 64,512 ports of a protocol are held.
    """

    def __init__(self) -> None:
        self._holders: dict[tuple[int, int], tuple[bytes, int, int]] = {}
        self._ports: dict[tuple[int, bytes, int], int] = {}

    def translate(self, protocol: int, address: bytes, port: int, moment: int) -> tuple[bytes, int]:
        """Return the public address and port that stand for a private pair at ``moment``."""
        public = self._ports.get((protocol, address, port))
        if public is None:
            public = self._free_port(protocol, port, moment)
            evicted = self._holders.get((protocol, public))
            if evicted:
                del self._ports[protocol, evicted[0], evicted[1]]
            self._ports[protocol, address, port] = public
        self._holders[protocol, public] = (address, port, moment)
        return PUBLIC_ADDRESS, public

    def _free_port(self, protocol: int, wanted: int, moment: int) -> int:
        for step in range(PORTS):
            public = FIRST_PORT + (wanted - FIRST_PORT + step) % PORTS
            holder = self._holders.get((protocol, public))
            if holder is None or moment - holder[2] > FORGOTTEN_AFTER:
                return public
        raise RuntimeError(
            f"every public port of protocol {protocol} is held: the office has too many connections"
        )


def prefix_translated(address: bytes) -> bytes:
    """Return an office IPv6 address as the internet sees it.

    The subnet word makes up for the difference of the prefixes, so that no checksum above changes
    (RFC 6296, section 3.4).
    """
    difference = _ones_complement_sum(OFFICE_PREFIX) - _ones_complement_sum(PUBLIC_PREFIX)
    subnet = int.from_bytes(address[6:8], "big") + difference
    return PUBLIC_PREFIX + (subnet % 0xFFFF).to_bytes(2, "big") + address[8:]


def _ones_complement_sum(data: bytes) -> int:
    return sum(int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2)) % 0xFFFF
