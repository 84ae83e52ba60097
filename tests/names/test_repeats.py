from __future__ import annotations

import msgspec

from tests.names.told import packed
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.repeats import Repeats

MINUTE = 60 * 10**9


def answer(name: str, minute: int, ends: int | None = None, client: str = "fd10::1") -> Binding:
    return Binding(
        kind=Kind.SITE, address=packed("192.0.2.1"), client=packed(client), name=name, since=minute * MINUTE,
        until=(minute + 60 if ends is None else ends) * MINUTE, source="dns", confidence=70,
    )  # fmt: skip


def kept(*bindings: Binding, most: int = 9) -> list[Binding]:
    repeats = Repeats(most)
    return [binding for binding in bindings if not repeats.is_one(binding)]


def test_an_answer_given_again_within_minutes_says_nothing_new() -> None:
    answers = [answer("a.example", minute) for minute in range(12)]
    assert kept(*answers) == [answers[0], answers[5], answers[10]]


def test_another_name_another_client_and_a_much_later_end_are_news() -> None:
    first = answer("a.example", 0)
    news = [first, answer("b.example", 1), answer("a.example", 2), answer("a.example", 2, client="fd10::2")]
    assert kept(*news, first) == [*news, first], "going back to an earlier name is news as well"
    assert len(kept(first, answer("a.example", 1, ends=300))) == 2


def test_only_answers_to_clients_are_left_out() -> None:
    lease = msgspec.structs.replace(answer("card", 0), kind=Kind.MAC)
    assert kept(lease, lease) == [lease, lease]


def test_the_oldest_is_forgotten_first() -> None:
    answers = [answer("a.example", 0, client=f"fd10::{number}") for number in (1, 2, 3, 1)]
    assert kept(*answers, most=2) == answers
