from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from pathlib import Path

import pytest

from tests.names.told import packed
from tidegauge.app import file_follower
from tidegauge.app.file_follower import FileFollower
from tidegauge.flow.addresses import text_from_address
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.growing_file import Place

QUESTION = "Nov 23 18:19:33 dnsmasq[7]: query[A] {name} from 192.168.10.95\n"
ANSWER = "Nov 23 18:19:33 dnsmasq[7]: reply {name} is {address}\n"
NOW = 1_795_457_973_000_000_000  # 2026-11-23T18:19:33Z


class Followed:
    """A follower and what it told."""

    def __init__(self, path: Path, place: Place | None = None) -> None:
        self.told: list[Binding] = []
        self.follower = FileFollower(path, UTC, lambda: NOW, self._hear, place)
        self.follower.start()

    def _hear(self, bindings: Iterable[Binding]) -> None:
        self.told.extend(bindings)

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, self.told
            time.sleep(0.005)

    def hears(self, *names: str) -> bool:
        return {binding.name for binding in self.told} >= set(names)


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Followed]]:
    monkeypatch.setattr(file_follower, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(file_follower, "SETTLE_SECONDS", 0.01)
    followed: list[Followed] = []

    def begin(path: Path, place: Place | None = None) -> Followed:
        followed.append(Followed(path, place))
        return followed[-1]

    yield begin
    for each in followed:
        each.follower.stop()


def asked(name: str, address: str) -> str:
    return QUESTION.format(name=name) + ANSWER.format(name=name, address=address)


def write(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_a_log_that_is_not_there_yet_is_waited_for_and_then_followed(
    tmp_path: Path, follow: Callable[..., Followed]
) -> None:
    log = tmp_path / "dns.log"
    followed = follow(log)
    write(log, asked("first.example", "192.0.2.1"))
    followed.wait(lambda: followed.hears("first.example"))
    write(log, QUESTION.format(name="second.example"))
    log.rename(tmp_path / "dns.log.1")
    write(log, ANSWER.format(name="second.example", address="192.0.2.2"))
    followed.wait(lambda: followed.hears("second.example"))
    assert [text_from_address(binding.address) for binding in followed.told] == ["192.0.2.1", "192.0.2.2"]


def test_after_a_pause_an_answer_still_finds_its_question(
    tmp_path: Path, follow: Callable[..., Followed]
) -> None:
    log = tmp_path / "dns.log"
    write(log, asked("first.example", "192.0.2.1") + QUESTION.format(name="second.example"))
    before = follow(log)
    before.wait(
        lambda: before.follower.place is not None and before.follower.place.offset == log.stat().st_size
    )
    before.follower.stop()
    write(log, ANSWER.format(name="second.example", address="192.0.2.2"))
    after = follow(log, before.follower.place)
    after.wait(lambda: after.hears("second.example"))


def test_a_table_of_leases_is_read_anew_and_who_left_it_holds_no_longer(
    tmp_path: Path, follow: Callable[..., Followed]
) -> None:
    leases = tmp_path / "dnsmasq.leases"
    leases.write_text("1895461573 00:1b:44:11:3a:01 192.168.10.95 johns-laptop *\n")
    followed = follow(leases)
    followed.wait(lambda: followed.hears("johns-laptop"))
    leases.write_text("1895461573 00:1b:44:11:3a:02 192.168.10.96 printer *\n")
    os.utime(leases, ns=(NOW, NOW))
    followed.wait(lambda: followed.hears("printer", ""))
    gone = [binding for binding in followed.told if binding.name == ""]
    assert {(binding.address, binding.kind, binding.until) for binding in gone} == {
        (packed("192.168.10.95"), kind, NOW) for kind in (Kind.MAC, Kind.MACHINE)
    }
    assert followed.follower.place is None


def test_a_journal_with_a_header_is_followed_and_replaced(
    tmp_path: Path, follow: Callable[..., Followed]
) -> None:
    leases = tmp_path / "kea-leases4.csv"
    header = "address,hwaddr,valid_lifetime,expire,hostname,state\n"
    line = "192.168.10.{0},00:1b:44:11:3a:0{0},3600,1795461573,host-{0},0\n"
    leases.write_text(header + line.format(1))
    followed = follow(leases)
    followed.wait(lambda: followed.hears("host-1"))
    write(leases, line.format(2))
    followed.wait(lambda: followed.hears("host-2"))
    compact = tmp_path / "kea-leases4.csv.new"
    compact.write_text(header + line.format(2))
    compact.rename(leases)
    write(leases, line.format(3))
    followed.wait(lambda: followed.hears("host-3"))


def test_what_cannot_be_read_is_told_once(
    tmp_path: Path, follow: Callable[..., Followed], caplog: pytest.LogCaptureFixture
) -> None:
    noise = tmp_path / "noise"
    noise.write_text("nothing anybody knows\n")
    followed = follow(noise)
    followed.wait(lambda: bool(caplog.records))
    time.sleep(0.1)
    [record] = caplog.records
    assert record.__dict__["facts"] == {"path": noise, "reason": "no known format of names"}
    write(noise, asked("late.example", "192.0.2.1"))
    followed.wait(lambda: followed.hears("late.example"))


def test_a_long_history_does_not_keep_it_from_stopping(
    tmp_path: Path, follow: Callable[..., Followed]
) -> None:
    log = tmp_path / "dns.log"
    write(log, "".join(asked(f"host-{number}.example", "192.0.2.1") for number in range(50_000)))
    followed = follow(log)
    followed.wait(lambda: bool(followed.told))
    followed.follower.stop()
    assert 0 < len(followed.told) < 50_000
