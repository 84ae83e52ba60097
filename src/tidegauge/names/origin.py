"""Ways of knowing a name: the word users see as its source, and how far it is believed, from 0 to 100.

Of two that disagree about an address at one moment, the higher wins. The order is the content here: what
somebody said on purpose goes before what a server wrote down, and that before what a device says of itself.
A source of names from elsewhere places its own words between these.
"""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """A way of knowing."""

    source: str
    confidence: int


PINNED = Origin("pinned", 100)
"""A person at our own keyboard."""
LOGIN = Origin("radius", 90)
"""A log-in that was checked (RADIUS, 802.1X)."""
LEASE = Origin("dhcp", 80)
"""The network card a DHCP server lent the address to."""
ANSWER = Origin("dns", 70)
"""A name in the DNS answer that told a client the address."""
HOST_NAME = Origin("dhcp", 60)
"""What a device calls itself when it asks for an address; nobody checks it."""
INVENTORY = Origin("inventory", 50)
"""An address written into the inventory: right until somebody forgets to change it."""
HOSTS_FILE = Origin("hosts", 50)
"""An address written into a hosts file: the same."""
NEIGHBOUR = Origin("arp", 40)
"""A line in a table of neighbours (ARP, ND): true when it was read."""
POINTER = Origin("ptr", 30)
"""What the owner of an address calls it (PTR record), which need not be what the client wanted."""
