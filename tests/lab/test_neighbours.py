from __future__ import annotations

from tidegauge.flow.addresses import text_from_address
from tidegauge.lab.activity import DAY, SECOND
from tidegauge.lab.address import packed
from tidegauge.lab.journal import Journal
from tidegauge.lab.neighbours import Neighbours
from tidegauge.lab.people import person

EMMA = person("Emma").phone
NOON = 20_000 * DAY + DAY // 2


def test_an_address_lasts_a_day_and_is_noted_before_it_is_used() -> None:
    journal = Journal()
    neighbours = Neighbours(journal, seed=1)
    address = neighbours.address(EMMA, NOON)
    assert neighbours.address(EMMA, NOON + 3600 * SECOND) == address
    assert neighbours.address(EMMA, NOON + DAY) != address
    entry, _ = journal.entries_until(NOON + DAY)
    assert entry.moment < NOON
    assert entry.text == f"{text_from_address(address)} dev eth0 lladdr {EMMA.mac} REACHABLE"


def test_nobody_makes_up_the_same_address() -> None:
    neighbours = Neighbours(Journal(), seed=1)
    addresses = {neighbours.address(person(name).phone, NOON) for name in ("Emma", "Mia", "Leon", "Omar")}
    assert len(addresses) == 4
    assert all(address.startswith(packed("fd10:0:10::")[:8]) for address in addresses)
