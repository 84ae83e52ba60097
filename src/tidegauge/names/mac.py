"""Hardware addresses (EUI-48) as text."""

from __future__ import annotations

import re
from functools import lru_cache

_HEX = re.compile(
    r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|[0-9a-f]{12}", re.IGNORECASE
)
_ETHERNET_DUIDS = ("00:01:00:01:", "00:03:00:01:")
_LOCALLY_ADMINISTERED = 0x02


@lru_cache(maxsize=65536)
def mac_from_text(text: str) -> str | None:
    """The one spelling we keep, lower case with colons, for any of the common ones; None for other text.

    >>> mac_from_text("00-1B-44-11-3A-B7"), mac_from_text("001b.4411.3ab7"), mac_from_text("printer")
    ('00:1b:44:11:3a:b7', '00:1b:44:11:3a:b7', None)
    """
    if not _HEX.fullmatch(text):
        return None
    digits = re.sub(r"[:.-]", "", text).lower()
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def mac_from_duid(duid: str) -> str | None:
    """The hardware address inside a DHCPv6 client's identifier, where it is made of one (RFC 8415, 11).

    It is the address the device had when it made the identifier, which it then keeps on all its cards.

    >>> mac_from_duid("00:01:00:01:32:97:3f:d9:00:1b:44:11:3a:02")
    '00:1b:44:11:3a:02'
    """
    start = next((start for start in _ETHERNET_DUIDS if duid.startswith(start)), None)
    if start is None or len(duid.split(":")) not in (10, 14):
        return None
    return mac_from_text(duid[-17:])


def is_randomised(mac: str) -> bool:
    """Whether the device made the address up (IEEE 802, the locally administered bit), as phones do.

    Such an address names a device on one network for a while, and says nothing of its maker.

    >>> is_randomised("da:a1:19:00:00:03"), is_randomised("00:1b:44:11:3a:02")
    (True, False)
    """
    return bool(int(mac[:2], 16) & _LOCALLY_ADMINISTERED)
