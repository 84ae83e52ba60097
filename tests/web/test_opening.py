from __future__ import annotations

import pytest

from tidegauge.query.parser import parse
from tidegauge.web.application import QUESTIONS
from tidegauge.web.opening import opening, opening_about


def test_what_pages_open_with_can_be_asked() -> None:
    answering = {question.name: question.answer for question in QUESTIONS}
    asked = [each.asked(answering) for each in (*opening("Asia/Kathmandu"), *opening_about("John", "UTC"))]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("John", "user = John"),
        ("null", 'user = "null"'),
        ("Ann O/Neil", 'user = "Ann O/Neil"'),
        ('"the boss"', 'user = "\\"the boss\\""'),
        ("Zoë", 'user = "Zoë"'),
    ],
)
def test_a_person_is_named_as_the_dashboard_does_it(user: str, words: str) -> None:
    filters = {opened.query.filter for opened in opening_about(user, "UTC")}
    assert filters == {words}
    parse(words)
