from __future__ import annotations

from tidegauge.query.error import FilterError


def located(text: str, column: int) -> FilterError:
    error = FilterError("no such field", column, suggestion="protocol")
    error.text = text
    return error


def test_the_picture_shows_the_line_and_a_caret() -> None:
    assert located("tcp and\nnot prot 6 and\nudp", 13).picture == "not prot 6 and\n    ^"


def test_tabs_keep_the_caret_in_place() -> None:
    assert located("\tprot", 2).picture == "\tprot\n\t^"


def test_the_sentence_suggests_and_the_text_adds_the_column() -> None:
    error = located("prot 6", 1)
    assert error.sentence == "no such field; did you mean protocol?"
    assert str(error) == "column 1: no such field; did you mean protocol?"
