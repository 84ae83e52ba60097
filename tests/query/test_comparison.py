from __future__ import annotations

import pytest

from tidegauge.flow.fields import FIELDS
from tidegauge.query.comparison import ComparisonReader
from tidegauge.query.cursor import Cursor
from tidegauge.query.lexer import Token, tokens
from tidegauge.query.syntax import Match

FIELD = {field.name: field for field in FIELDS}


def read(name: str, text: str, noun: str = "") -> tuple[list[Match], bool]:
    reader = ComparisonReader(Cursor(tokens(text)))
    return reader.read(FIELD[name], (name,), Token("word", noun or name, 1))


@pytest.mark.parametrize("sign", ["", "=", "==", "eq", "EQ", "is", "<<"])
def test_equality_has_many_names(sign: str) -> None:
    assert read("src_port", f"{sign} 80") == ([Match("src_port", "=", (80,))], False)


@pytest.mark.parametrize("sign", ["!=", "<>", "ne", "is not", "!<<", "not in", "notin", "is not in"])
def test_and_so_has_its_contrary(sign: str) -> None:
    assert read("src_port", f"{sign} 80") == ([Match("src_port", "=", (80,))], True)


@pytest.mark.parametrize(("sign", "word"), [("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge")])
def test_order_is_written_in_signs_or_words(sign: str, word: str) -> None:
    assert read("bytes", f"{sign} 5") == read("bytes", f"{word} 5")


def test_several_names_take_the_same_values() -> None:
    reader = ComparisonReader(Cursor(tokens("in [80, 443]")))
    names = ("src_port", "dst_port")
    matches, _ = reader.read(FIELD["src_port"], names, Token("word", "port", 1))
    assert matches == [Match(name, "=", (80, 443)) for name in names]


def test_only_net_shortens_an_address_without_a_slash() -> None:
    [match], _ = read("src_addr", "10.1", noun="net")
    assert str(match.values[0]) == "10.1.0.0/16"
    with pytest.raises(ValueError, match="no address"):
        read("src_addr", "10.1", noun="host")


def test_a_netmask_is_none_within_a_list() -> None:
    [match], _ = read("src_addr", "in [10.0.0.0 255.0.0.0]")
    assert [str(value) for value in match.values] == ["10.0.0.0", "255.0.0.0"]


def test_flags_are_bare_where_no_operator_stands() -> None:
    reader = ComparisonReader(Cursor(tokens("SA")))
    [match], _ = reader.read(FIELD["tcp_flags"], ("tcp_flags",), Token("word", "flags", 1))
    assert reader.bare_flags is match
    reader = ComparisonReader(Cursor(tokens("has SA")))
    reader.read(FIELD["tcp_flags"], ("tcp_flags",), Token("word", "flags", 1))
    assert reader.bare_flags is None
