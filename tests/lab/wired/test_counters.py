from __future__ import annotations

import sys

import pytest

from tidegauge.lab.wired.counters import NOTHING, Carried, carried_for, count, counted
from tidegauge.lab.wired.namespaces import places

SENT, SIZE, HEADERS = 5, 100, 28
SEND = f"""
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
    for _ in range({SENT}):
        talker.sendto(bytes({SIZE}), ("192.0.2.1", 9))
"""


@pytest.mark.peers
@pytest.mark.usefixtures("office_turn")
def test_packets_are_counted_at_ip_level_by_their_ends() -> None:
    with places(["laptop", "router"]) as made:
        laptop, router = made["laptop"], made["router"]
        laptop.ip("link", "add", "wire", "type", "veth", "peer", "name", "lan", "netns", router.namespace)
        for place, interface, address in ((laptop, "wire", "198.51.100.2"), (router, "lan", "198.51.100.1")):
            place.ip("address", "add", f"{address}/30", "dev", interface)
            place.ip("link", "set", interface, "up")
        router.ip("link", "add", "far", "type", "bridge")
        router.ip("address", "add", "192.0.2.2/24", "dev", "far")
        router.ip("link", "set", "far", "up")
        router.ip("neighbour", "add", "192.0.2.1", "lladdr", "02:00:00:00:00:01", "dev", "far")
        laptop.ip("route", "add", "default", "via", "198.51.100.1")
        router.set("net/ipv4/ip_forward", 1)
        count(router)
        assert counted(router) == {}
        laptop.run(sys.executable, "-c", SEND)
        counts = counted(router)
    assert counts == {("198.51.100.2", "192.0.2.1"): (SENT * (SIZE + HEADERS), SENT)}


def test_both_directions_with_somebody_are_one_row() -> None:
    counts = {("a", "b"): (10, 1), ("b", "a"): (20, 2), ("c", "a"): (30, 3), ("c", "b"): (40, 4)}
    assert carried_for("a", counts) == {"b": Carried(10, 1, 20, 2), "c": Carried(0, 0, 30, 3)}
    assert NOTHING.plus(Carried(1, 2, 3, 4)).plus(Carried(1, 1, 1, 1)) == Carried(2, 3, 4, 5)
