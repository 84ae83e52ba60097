from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tidegauge.lab.wired.network import EDGE1, PEOPLE, wired_network
from tidegauge.lab.wired.resolver import SITES, resolver

pytestmark = pytest.mark.peers

ASK = "import socket, sys; print(*(socket.gethostbyname(name) for name in sys.argv[1:]))"


def test_programs_find_every_site_and_the_log_says_who_asked(tmp_path: Path) -> None:
    john, log = PEOPLE[0], tmp_path / "queries.log"
    with wired_network([john]) as made, resolver(made[EDGE1], [made[john.name]], log):
        found = made[john.name].run(sys.executable, "-c", ASK, *SITES).split()
    assert found == list(SITES.values())
    said = log.read_text()
    assert all(f"query[A] {site} from {john.address}" in said for site in SITES)
