from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from tidegauge.lab.wired.network import (
    EDGE1,
    EDGE2,
    EDGE2_OUTSIDE,
    INTERNET,
    PATH,
    PEOPLE,
    PUBLIC,
    STATION,
    STATION_ADDRESS,
    WIRE,
    far,
    near,
    wired_network,
)
from tidegauge.lab.wired.path import Settings, settings_to_json
from tidegauge.lab.wired.program import own
from tidegauge.lab.wired.sites import FILES, MAIL, SITES

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]

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
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        talker.bind(("", 40000))
        talker.sendto(b"x", (server, 9))
"""
SERVERS = [site.address for site in SITES]
WAYS = [
    Settings(end(interface), other(interface), delay_ms=0)
    for interface in ("direct", EDGE2_OUTSIDE)
    for end, other in ((near, far), (far, near))
]


def test_everybody_reaches_every_server_from_behind_one_address_of_each_uplink() -> None:
    people = PEOPLE[:2]
    with wired_network(people) as made:
        for number, seat in enumerate(people, 11):
            made[seat.name].ip("address", "add", f"192.168.10.{number}/24", "dev", WIRE)
            made[seat.name].ip("route", "add", "default", "via", "192.168.10.1")
        listen = made[INTERNET].command(sys.executable, "-c", LISTEN, str(3 * len(SERVERS)))
        carry = made[PATH].command(*own("path", settings_to_json(WAYS)))
        with (
            subprocess.Popen(listen, stdout=subprocess.PIPE, text=True) as listener,
            subprocess.Popen(carry, stdout=subprocess.PIPE, text=True) as carrier,
        ):
            for process in (listener, carrier):
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            for name in (*(seat.name for seat in people), STATION):
                made[name].run(sys.executable, "-c", SEND, *SERVERS)
            assert listener.stdout is not None
            seen = [line.split() for line in listener.stdout]
            carrier.terminate()
            told = carrier.communicate(timeout=10)[0]
        via = {server: made[EDGE1].run("ip", "route", "get", server) for server in SERVERS}
        back = made[EDGE2].run("ip", "route", "get", STATION_ADDRESS)
    behind = {MAIL.address, FILES.address}
    assert {server for server, route in via.items() if "dev provider" in route} == behind
    assert "via 203.0.113.33" in back, "what edge2 exports comes to the station"
    assert Counter(address for address, _ in seen) == {
        PUBLIC["direct"]: 3 * (len(SERVERS) - len(behind)),
        PUBLIC["provider"]: 3 * len(behind),
    }
    kept = [int(port) for _, port in seen if not 20_000 <= int(port) < 30_000]
    assert kept == [40_000] * len(SERVERS), "the station's ports are kept, nobody else's"
    assert [way["carried"]["count"] > 0 for way in json.loads(told)] == [True, False, True, False]
