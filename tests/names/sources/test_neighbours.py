from __future__ import annotations

import pytest

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.neighbours import Neighbours

SOURCE = Neighbours()


def test_neighbours_hold_for_a_day_from_when_the_table_was_written() -> None:
    bindings, refused = read(SOURCE, (DATA / "ip-neigh").read_bytes())
    assert told(bindings)[0] == Told("mac", "192.168.10.91", "00:1b:44:11:3a:02", "19:00:00", "19:00:00")
    assert bindings[0].until == bindings[0].since + 86_400 * 10**9
    assert told(bindings)[-1].address == "fe80::21b:44ff:fe11:3a02"
    assert not refused


@pytest.mark.parametrize(
    "table",
    [
        (
            b"IP address       HW type     Flags       HW address            Mask     Device\n"
            b"192.168.10.91    0x1         0x2         00:1b:44:11:3a:02     *        br0\n"
            b"192.168.10.92    0x1         0x0         00:00:00:00:00:00     *        br0\n"
        ),
        b"? (192.168.10.91) at 00:1b:44:11:3a:02 [ether] on br0\n? (192.168.10.92) at <incomplete> on br0\n",
        b"? (192.168.10.91) at 0:1b:44:11:3a:2 on en0 ifscope [ethernet]\n",
        (
            b"\r\nInterface: 192.168.10.1 --- 0x4\r\n  Internet Address      Physical Address      Type\r\n"
            b"  192.168.10.91         00-1b-44-11-3a-02     dynamic   \r\n"
            b"  192.168.10.255        ff-ff-ff-ff-ff-ff     static    \r\n"
        ),
        b"192.168.10.91 dev br0 lladdr 00:1b:44:11:3a:02 STALE\n192.168.10.92 dev br0  FAILED\n",
        (
            b"Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"
            b"Internet  192.168.10.91           4   001b.4411.3a02  ARPA   Vlan10\n"
            b"Internet  192.168.10.92           0   Incomplete      ARPA\n"
        ),
        (
            b"Flags: D - DYNAMIC; C - COMPLETE\nColumns: ADDRESS, MAC-ADDRESS, INTERFACE\n"
            b"#    ADDRESS        MAC-ADDRESS        INTERFACE\n"
            b"0 DC 192.168.10.91  00:1B:44:11:3A:02  bridge\n1 D  192.168.10.92  bridge\n"
        ),
    ],
    ids=["proc", "arp -an", "macOS", "Windows", "ip neigh", "Cisco", "MikroTik"],
)
def test_tables_of_many_systems(table: bytes) -> None:
    assert SOURCE.recognises(table)
    bindings, refused = read(SOURCE, table)
    assert [(row.address, row.name) for row in told(bindings)] == [("192.168.10.91", "00:1b:44:11:3a:02")]
    assert not refused


def test_other_lines_are_counted() -> None:
    assert read(SOURCE, b"192.168.10.91 dev br0 lladdr nonsense STALE\n") == ([], {"no neighbour": 1})
