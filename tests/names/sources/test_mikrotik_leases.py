from __future__ import annotations

import pytest

from tests.names.told import Told, read, told
from tidegauge.names.sources.mikrotik_leases import MikrotikLeases

SOURCE = MikrotikLeases()
TABLE = b"""\
Flags: X - disabled, R - radius, D - dynamic, B - blocked
 0   ;;; the printer of the office, address=10.0.0.1
     address=192.168.10.91 mac-address=00:1B:44:11:3A:02 client-id="1:0:1b:44:11:3a:2" address-lists=""
     server=lan dhcp-option="" status=bound expires-after=8m41s last-seen=1m19s active-address=192.168.10.91
     active-mac-address=00:1B:44:11:3A:02 active-client-id="1:0:1b:44:11:3a:2" active-server=lan
     host-name="print server"

 1 D address=192.168.10.92 mac-address=00:1B:44:11:3A:03 server=lan status=bound expires-after=1d2h3s
     active-address=192.168.10.92 active-mac-address=00:1B:44:11:3A:03 host-name="sarah-laptop"
 2   address=192.168.10.93 mac-address=00:1B:44:11:3A:04 server=lan status=waiting last-seen=never

 3 D address=192.168.10.94 mac-address=00:1B:44:11:3A:05 server=lan status=bound expires-after=01:02:03
 4 D address=192.168.10.95 mac-address=00:1B:44:11:3A:06 server=lan status=bound
 5 D address=192.168.10.96 mac-address=00:1B:44:11:3A:07 server=lan status=bound expires-after=soon
"""


def test_what_a_router_lent_and_for_how_long_still() -> None:
    assert SOURCE.recognises(TABLE)
    bindings, refused = read(SOURCE, TABLE)
    rows = [row for row in told(bindings) if row.name]
    assert rows == [
        Told("mac", "192.168.10.91", "00:1b:44:11:3a:02", "19:00:00", "19:08:41"),
        Told("machine", "192.168.10.91", "print server", "19:00:00", "19:08:41"),
        Told("mac", "192.168.10.92", "00:1b:44:11:3a:03", "19:00:00", "21:00:03"),
        Told("machine", "192.168.10.92", "sarah-laptop", "19:00:00", "21:00:03"),
        Told("mac", "192.168.10.94", "00:1b:44:11:3a:05", "19:00:00", "20:02:03"),
        Told("mac", "192.168.10.95", "00:1b:44:11:3a:06", "19:00:00", None),
    ]
    assert refused == {"no lease": 1}


@pytest.mark.parametrize(
    "head", [b"", b" 0 D address=192.168.10.91 mac-address=00:1B:44:11:3A:02 interface=bridge\n"]
)
def test_other_tables_are_not_recognised(head: bytes) -> None:
    assert not SOURCE.recognises(head)
