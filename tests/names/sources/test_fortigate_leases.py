from __future__ import annotations

import pytest

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.fortigate_leases import FortigateLeases

SOURCE = FortigateLeases()
WITH_SERVER = (DATA / "fortigate-leases").read_bytes()
WITHOUT = b"""\
Staff_Wifi
\tIP\t\t\tMAC-Address\t\tHostname\tVCI\t\tExpiry
\t192.168.10.6\t\t00:1b:44:11:3a:02\tsarah-laptop\tMSFT 5.0\tMon Nov 23 19:09:31 2026
"""


def test_what_a_firewall_lent_and_until_when() -> None:
    assert SOURCE.recognises(WITH_SERVER)
    bindings, refused = read(SOURCE, WITH_SERVER)
    assert told(bindings) == [
        Told("mac", "172.16.100.5", "00:1b:44:11:3a:01", "19:00:00", "20:11:45"),
        Told("machine", "172.16.100.5", "", "19:00:00", "19:00:00"),
        Told("mac", "192.168.10.6", "00:1b:44:11:3a:02", "19:00:00", "19:09:31"),
        Told("machine", "192.168.10.6", "sarah-laptop", "19:00:00", "19:09:31"),
    ]
    assert refused == {"no lease": 1}


def test_a_release_with_fewer_columns_set_by_tabs() -> None:
    assert SOURCE.recognises(WITHOUT)
    names = [row.name for row in told(read(SOURCE, WITHOUT)[0])]
    assert names == ["00:1b:44:11:3a:02", "sarah-laptop"]


@pytest.mark.parametrize(
    "head", [b"", b"  IP  MAC-Address\n", b"192.168.10.6 dev lan lladdr 00:1b:44:11:3a:02\n"]
)
def test_other_tables_are_not_recognised(head: bytes) -> None:
    assert not SOURCE.recognises(head)
