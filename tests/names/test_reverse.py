from __future__ import annotations

import pytest

from tests.names.pointers import pointers
from tests.names.told import packed
from tidegauge.names.reverse import Reverse, ReverseError, dns_question

SECOND = 1_000_000_000
PUBLIC, PRIVATE = packed("8.8.8.8"), packed("192.168.10.11")


class Desk:
    """Answers, notes what was asked and how long was waited."""

    def __init__(self, **names: str) -> None:
        self.names = {"8.8.8.8": "dns.example"} | names
        self.asked: list[str] = []
        self.waited = 0.0
        self.now = 0

    def ask(self, address: str) -> str | None:
        self.asked.append(address)
        return self.names.get(address)

    def pause(self, seconds: float) -> None:
        self.waited += seconds


def test_a_name_is_found_and_remembered_for_an_hour() -> None:
    desk = Desk()
    reverse = Reverse(desk.ask, desk.pause)
    assert [host.name for host in reverse.bindings([PUBLIC, PUBLIC], lambda: 0)] == ["dns.example"]
    assert list(reverse.bindings([PUBLIC], lambda: 3599 * SECOND)) == []
    assert len(list(reverse.bindings([PUBLIC], lambda: 3600 * SECOND))) == 1
    assert desk.asked == ["8.8.8.8", "8.8.8.8"]


def test_what_was_not_found_is_remembered_too() -> None:
    desk = Desk()
    reverse = Reverse(desk.ask, desk.pause)
    assert list(reverse.bindings([packed("8.8.4.4")] * 3, lambda: 0)) == []
    assert desk.asked == ["8.8.4.4"]


def test_private_addresses_stay_inside_unless_a_resolver_was_named_for_them() -> None:
    desk = Desk(**{"192.168.10.11": "johns.office.example"})
    assert list(Reverse(desk.ask, desk.pause).bindings([PRIVATE, packed("fd10::1")], lambda: 0)) == []
    assert desk.asked == []
    inside = Reverse(desk.ask, desk.pause, may_ask_private=True)
    assert [host.name for host in inside.bindings([PRIVATE], lambda: 0)] == ["johns.office.example"]


def test_questions_keep_their_distance() -> None:
    desk = Desk()
    addresses = [packed(f"8.8.8.{number}") for number in range(10)]
    list(Reverse(desk.ask, desk.pause, per_second=5).bindings(addresses, lambda: 0))
    assert desk.waited == pytest.approx(2)


@pytest.mark.parametrize("resolver", ["nobody", "127.0.0.1:port", "[::1"])
def test_a_resolver_is_an_address(resolver: str) -> None:
    with pytest.raises(ReverseError, match="is no address"):
        dns_question([resolver])


def test_a_real_question_over_loopback() -> None:
    with pointers("dns.example.", known="8.") as resolver:
        ask = dns_question([resolver], timeout_seconds=5)
        assert (ask("8.8.8.8"), ask("192.0.2.1")) == ("dns.example.", None)
