"""IPv6 without DHCP: a phone makes up an address of its own every day, and the router sees which.

No server lends these (SLAAC with temporary addresses, RFC 8981), so only the neighbour table tells whose
they are. The router notes each change as a line of ``ip neigh``.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import text_from_address
from tidegauge.lab.activity import DAY, SECOND
from tidegauge.lab.address import packed

if TYPE_CHECKING:
    from tidegauge.lab.journal import Journal
    from tidegauge.lab.people import Device

PROGRAM = "ip"
# Which word of such a line is the address of the network card.
CARD_WORD = 4
DESKS = packed("fd10:0:10::")[:8]
# Neighbours are solicited just before the first packet (RFC 4861, section 7.2).
SOLICITATION = SECOND // 10


class Neighbours:
    """The router's neighbour table. ``seed`` decides the addresses that devices make up."""

    def __init__(self, journal: Journal, seed: int) -> None:
        self._journal = journal
        self._seed = seed
        self._known: dict[str, tuple[int, bytes]] = {}

    def address(self, device: Device, moment: int) -> bytes:
        """Return the address that ``device`` uses on the day of ``moment``."""
        day = moment // DAY
        known_day, address = self._known.get(device.mac, (-1, b""))
        if known_day != day:
            address = DESKS + Random(f"{self._seed}/{device.mac}/{day}").randbytes(8)  # noqa: S311
            self._known[device.mac] = day, address
            self._appear(device, address, moment - SOLICITATION)
        return address

    def _appear(self, device: Device, address: bytes, moment: int) -> None:
        text = f"{text_from_address(address)} dev eth0 lladdr {device.mac} REACHABLE"
        self._journal.note(moment, PROGRAM, text)
