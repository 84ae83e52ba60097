from __future__ import annotations

import sys

import pytest

from tidegauge.lab.wired.counters import count, counted
from tidegauge.lab.wired.network import EDGE1, PEOPLE, VIDEO, wired_network

pytestmark = pytest.mark.peers

SENT, SIZE, HEADERS = 5, 100, 28
SEND = f"""
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
    for _ in range({SENT}):
        talker.sendto(bytes({SIZE}), ("{VIDEO}", 9))
"""


def test_everybodys_packets_are_counted_at_ip_level() -> None:
    john = PEOPLE[0]
    with wired_network([john]) as made:
        count(made[EDGE1], [john])
        made[john.name].run(sys.executable, "-c", SEND)
        carried = counted(made[EDGE1], [john])[john.name]
    assert (carried.bytes_up, carried.packets_up) == (SENT * (SIZE + HEADERS), SENT)
    # Nobody listens there: the server says so, quoting what it got.
    assert carried.bytes_down == carried.packets_down * (HEADERS + HEADERS + SIZE)
