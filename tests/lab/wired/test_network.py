from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from tidegauge.lab.wired.network import (
    EDGE1,
    EDGE2,
    FILES,
    INTERNET,
    MAIL,
    PEOPLE,
    PUBLIC,
    VIDEO,
    WEB,
    wired_network,
)

pytestmark = pytest.mark.peers

LISTEN = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("", 9))
    print("ready", flush=True)
    server.settimeout(5)
    for _ in range(int(sys.argv[1])):
        print(*server.recvfrom(9)[1])
"""
SEND = """
import socket, sys
for server in sys.argv[1:]:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (server, 9))
"""
SERVERS = (VIDEO, WEB, MAIL, FILES)


def test_everybody_reaches_every_server_from_behind_one_address_of_each_uplink() -> None:
    with wired_network() as made:
        listen = made[INTERNET].command(sys.executable, "-c", LISTEN, str(len(PEOPLE) * len(SERVERS)))
        with subprocess.Popen(listen, stdout=subprocess.PIPE, text=True) as listener:
            assert listener.stdout is not None
            assert listener.stdout.readline() == "ready\n"
            for seat in PEOPLE:
                made[seat.name].run(sys.executable, "-c", SEND, *SERVERS)
            seen = [line.split() for line in listener.stdout]
        via = {server: made[EDGE1].run("ip", "route", "get", server) for server in SERVERS}
        told = json.loads(made[EDGE2].run("ip", "-json", "-stats", "link", "show", "internet"))
    half = len(PEOPLE) * 2
    assert Counter(address for address, _ in seen) == dict.fromkeys(PUBLIC.values(), half)
    assert all(20_000 <= int(port) < 30_000 for _, port in seen)
    assert {server for server, route in via.items() if "dev provider" in route} == {MAIL, FILES}
    assert told[0]["stats64"]["tx"]["packets"] >= half
