from __future__ import annotations

from tidegauge.query.cursor import Cursor, Offer
from tidegauge.query.lexer import tokens


def test_the_end_is_never_passed() -> None:
    cursor = Cursor(tokens("tcp"))
    assert [cursor.take().text, cursor.take().text, cursor.take().kind] == ["tcp", "", "end"]
    assert cursor.ahead(5).kind == "end"


def test_only_an_expected_word_is_taken() -> None:
    cursor = Cursor(tokens("AND 'or'"))
    assert not cursor.accept("or")
    assert cursor.accept("and", "&&")
    assert not cursor.accept("or"), "quoted, it is text"


def test_what_could_stand_here_is_noted_only_at_the_end() -> None:
    cursor = Cursor(tokens("tcp"))
    cursor.offer(Offer("condition"))
    cursor.take()
    cursor.accept("and")
    assert cursor.offers == [Offer("word", ("and",))]


def test_an_error_names_what_stands_there() -> None:
    error = Cursor(tokens("  tcp")).unexpected("a number", ("a number",))
    assert (str(error), error.expected) == ("column 3: expected a number, found 'tcp'", ("a number",))
