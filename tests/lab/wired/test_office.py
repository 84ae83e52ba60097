from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegauge.lab.wired.folder import FOLDER
from tidegauge.lab.wired.network import EDGE2, PEOPLE
from tidegauge.lab.wired.office import WiredOffice, missing, wired_office

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]

SECONDS = 1.0
# Headers of TLS, TCP and IP around full segments, and the handshakes and greetings beside them.
LEAST, MOST = 1.03, 1.25


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office") / "lake"


@pytest.fixture(scope="module")
def office(lake: Path) -> Iterator[WiredOffice]:
    people = [seat for seat in PEOPLE if seat.script in ("stream", "mail")]
    with wired_office(lake, people=people) as opened:
        yield opened
    assert not FOLDER.exists()
    assert lake.is_dir()


def wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def test_work_and_intrusion_end_when_it_is_over(office: WiredOffice) -> None:
    since = time.monotonic()
    assert not office.work(60, lambda _: True)
    assert not office.intrude(lambda _: True)
    assert time.monotonic() - since < 10
    assert office.acts == []


def test_the_kernel_carried_what_everybody_says_they_did(office: WiredOffice) -> None:
    before = time.time_ns()
    assert office.work(SECONDS, wait)
    truth = office.close()
    assert [person.name for person in truth.people] == ["john", "sarah"]
    for person in truth.people:
        content = sum(act.bytes_up + act.bytes_down for act in person.acts)
        most = max(person.carried.bytes_up, person.carried.bytes_down)
        assert LEAST < most / content < MOST
        assert all(before < act.start <= act.end < time.time_ns() for act in person.acts)
    assert sum(way["carried"]["count"] for way in truth.path) > 0
    assert truth.to_json()["clocks"][EDGE2] == 300


def test_nothing_is_missing_here() -> None:
    assert missing() == []
