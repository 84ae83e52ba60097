from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tidegauge.lab.wired.network import PEOPLE, PUBLIC
from tidegauge.lab.wired.office import WiredOffice, missing, truth_text, wired_office

pytestmark = pytest.mark.peers

SECONDS = 2.0
# Headers of TCP and IP around full segments, and the handshakes, look-ups and greetings beside them.
LEAST, MOST = 1.03, 1.12


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredOffice]:
    with wired_office(tmp_path_factory.mktemp("office") / "queries.log") as opened:
        yield opened


def test_the_kernel_carried_what_everybody_says_they_did(office: WiredOffice) -> None:
    before = time.time_ns()
    people = office.work(SECONDS)
    assert people is not None
    assert [person.name for person in people] == [seat.name for seat in PEOPLE]
    for person in people:
        content = sum(act.bytes_up + act.bytes_down for act in person.acts)
        most = max(person.carried.bytes_up, person.carried.bytes_down)
        assert LEAST < most / content < MOST
        assert all(before < act.start <= act.end < time.time_ns() for act in person.acts)
    truth = json.loads(truth_text(people))
    assert truth["public_addresses"] == PUBLIC
    assert truth["people"][0]["acts"][0]["what"] == "stream"


def test_work_ends_when_it_is_over(office: WiredOffice) -> None:
    since = time.monotonic()
    assert office.work(60, lambda _: True) is None
    assert time.monotonic() - since < 10


def test_nothing_is_missing_here() -> None:
    assert missing() == []
