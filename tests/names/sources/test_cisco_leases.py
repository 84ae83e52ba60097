from __future__ import annotations

import pytest

from tests.names.told import Told, read, told
from tidegauge.names.sources.cisco_leases import CiscoLeases

SOURCE = CiscoLeases()
TABLE = b"""\
R1#show ip dhcp binding
Bindings from all pools not associated with VRF:
IP address          Client-ID/              Lease expiration        Type       State      Interface
                    Hardware address/
                    User name
192.168.10.91       0100.1b44.113a.02       Nov 24 2026 07:30 AM    Automatic  Active     Vlan10
192.168.10.92       001b.4411.3a03          Infinite                Manual     Active     Vlan10
192.168.10.93       0063.6973.636f.2d30.    Nov 23 2026 07:01 PM    Automatic  Active     Vlan10
                    3030.302e.6162.6364.
                    2e65.6667.68
192.168.10.94       0100.1b44.113a.05       Nov 23 2026 06:59 PM    Automatic
192.168.10.95       0100.1b44.113a.06       Foo 99 2026 06:59 PM    Automatic
192.168.10.96       0100.1b44.113a.07        --                     Automatic
"""


def test_what_a_router_lent_and_until_when() -> None:
    assert SOURCE.recognises(TABLE)
    bindings, refused = read(SOURCE, TABLE)
    cards = [row for row in told(bindings) if row.kind == "mac"]
    assert cards == [
        Told("mac", "192.168.10.91", "00:1b:44:11:3a:02", "19:00:00", "07:30:00"),
        Told("mac", "192.168.10.92", "00:1b:44:11:3a:03", "19:00:00", None),
        Told("mac", "192.168.10.93", "", "19:00:00", "19:00:00"),
        Told("mac", "192.168.10.96", "00:1b:44:11:3a:07", "19:00:00", "19:00:00"),
    ]
    assert bindings[-2].until == bindings[-2].since + 86_400 * 10**9
    assert refused == {"no time": 1}


@pytest.mark.parametrize(
    "head", [b"", b"Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"]
)
def test_other_tables_are_not_recognised(head: bytes) -> None:
    assert not SOURCE.recognises(head)
