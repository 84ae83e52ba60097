from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tidegauge.lab.wired.network import EDGE1, PEOPLE, wired_network
from tidegauge.lab.wired.resolver import FIRST, join, resolver
from tidegauge.lab.wired.sites import SITES

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]

ASK = "import socket, sys; print(*(socket.gethostbyname(name) for name in sys.argv[1:]))"


def test_a_laptop_gets_an_address_and_finds_every_site_and_files_say_so(tmp_path: Path) -> None:
    john, log, leases = PEOPLE[0], tmp_path / "queries.log", tmp_path / "leases"
    with wired_network([john]) as made, resolver(made[EDGE1], log, leases):
        laptop = made[john.name]
        address = join(laptop, "john-laptop")
        found = laptop.run(sys.executable, "-c", ASK, *(site.name for site in SITES)).split()
        lent = leases.read_text().split()
    assert address == FIRST
    assert lent[1:4] == [john.mac, address, "john-laptop"]
    assert found == [site.address for site in SITES]
    said = log.read_text()
    assert all(f"query[A] {site.name} from {address}" in said for site in SITES)
