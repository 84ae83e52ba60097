from __future__ import annotations

import pytest

from tidegauge.query.condition import ConditionReader, is_address
from tidegauge.query.cursor import Cursor
from tidegauge.query.error import FilterError
from tidegauge.query.lexer import tokens
from tidegauge.query.syntax import Match, Term
from tidegauge.query.vocabulary import PHRASES, SIDED, UNANSWERABLE, field_or_pair, sided


def read(text: str) -> Term:
    return ConditionReader(Cursor(tokens(text))).read()


def test_one_condition_is_read_and_no_more() -> None:
    cursor = Cursor(tokens("dst port 443 and tcp"))
    assert ConditionReader(cursor).read() == Match("dst_port", "=", (443,))
    assert cursor.next.text == "and"


@pytest.mark.parametrize("words", PHRASES, ids=" ".join)
def test_every_phrase_names_a_field(words: tuple[str, ...]) -> None:
    term = read(f"{' '.join(words)} = null")
    entry = field_or_pair(PHRASES[words])
    assert entry is not None
    assert term == Match(entry.name, "=", (None,))


@pytest.mark.parametrize("noun", [noun for noun in SIDED if noun != "if"])
def test_every_sided_word_has_a_source_and_a_destination(noun: str) -> None:
    pair = sided(noun)
    assert pair is not None
    assert read(f"src {noun} = null") == Match(pair.left.name, "=", (None,))
    assert read(f"dst {noun} = null") == Match(pair.right.name, "=", (None,))


@pytest.mark.parametrize("word", UNANSWERABLE)
def test_words_without_a_field_say_what_to_ask_instead(word: str) -> None:
    with pytest.raises(FilterError) as caught:
        read(f"{word} 5")
    assert UNANSWERABLE[word] in caught.value.message


@pytest.mark.parametrize("text", ["10.0.0.1", "10.1/16", "2001:db8::/32", "::1"])
def test_an_address_is_told_from_a_word(text: str) -> None:
    assert is_address(tokens(text)[0])


@pytest.mark.parametrize("text", ["10", "www.example.com", "1.5M", "00:1b:44:11:3a:b7", '"10.0.0.1"'])
def test_what_looks_like_an_address_is_none(text: str) -> None:
    assert not is_address(tokens(text)[0])
