from __future__ import annotations

from tests.names.told import packed, told
from tidegauge.names.answers import Answers, Record

JOHN, SARAH = packed("192.168.10.11"), packed("192.168.10.12")
ALIAS = "<CNAME>"


def said(
    answers: Answers, *records: tuple[str, str], number: str | None = None
) -> list[tuple[str, str, str | None]]:
    found = []
    for name, value in records:
        found += told(answers.answer(Record(name, value, number, at=0)))
    return [(row.name, row.address, row.client) for row in found]


def test_the_name_that_was_asked_is_kept_through_aliases() -> None:
    answers = Answers()
    answers.ask("www.youtube.com", "A", None, JOHN)
    records = [
        ("www.youtube.com", ALIAS),
        ("x.google.com", ALIAS),
        ("y.google.com", "192.0.2.1"),
        ("y.google.com", "192.0.2.2"),
    ]
    assert said(answers, *records) == [
        ("www.youtube.com", "192.0.2.1", "192.168.10.11"),
        ("www.youtube.com", "192.0.2.2", "192.168.10.11"),
    ]


def test_an_answer_right_after_another_begins_anew() -> None:
    answers = Answers()
    answers.ask("a.example", "A", None, JOHN)
    answers.ask("b.example", "A", None, SARAH)
    records = [("a.example", ALIAS), ("c.example", "192.0.2.1"), ("b.example", "192.0.2.2")]
    assert said(answers, *records) == [
        ("a.example", "192.0.2.1", "192.168.10.11"),
        ("b.example", "192.0.2.2", "192.168.10.12"),
    ]


def test_everybody_who_waits_is_answered_and_whoever_asks_later_is_not() -> None:
    answers = Answers()
    answers.ask("a.example", "A", None, JOHN)
    answers.ask("A.example", "A", None, SARAH)
    assert [client for *_, client in said(answers, ("a.example", "192.0.2.1"))] == [
        "192.168.10.11",
        "192.168.10.12",
    ]
    answers.ask("a.example", "A", None, SARAH)
    assert [client for *_, client in said(answers, ("a.example", "192.0.2.1"))] == ["192.168.10.12"]


def test_families_are_different_questions() -> None:
    answers = Answers()
    answers.ask("a.example", "A", None, JOHN)
    assert said(answers, ("a.example", "2001:db8::1")) == []


def test_numbers_tell_interleaved_answers_apart() -> None:
    answers = Answers()
    answers.ask("a.example", "A", "1", JOHN)
    answers.ask("b.example", "A", "2", SARAH)
    assert said(answers, ("b.example", ALIAS), number="2") == []
    assert said(answers, ("a.example", "192.0.2.1"), number="1") == [
        ("a.example", "192.0.2.1", "192.168.10.11")
    ]
    assert said(answers, ("c.example", "192.0.2.2"), number="2") == [
        ("b.example", "192.0.2.2", "192.168.10.12")
    ]


def test_an_answer_without_its_question_names_nothing() -> None:
    assert said(Answers(), ("a.example", "192.0.2.1")) == []


def test_the_oldest_question_is_forgotten() -> None:
    answers = Answers(most_questions=2)
    for name in ("a.example", "b.example", "c.example"):
        answers.ask(name, "A", None, JOHN)
    assert said(answers, ("a.example", "192.0.2.1")) == []
    assert len(said(answers, ("b.example", "192.0.2.1"), ("c.example", "192.0.2.1"))) == 2


def test_a_pointer_names_the_address_for_everybody() -> None:
    assert said(Answers(), ("192.0.2.1", "host.example")) == [("host.example", "192.0.2.1", None)]
    assert said(Answers(), ("192.0.2.1", "NXDOMAIN")) == []
