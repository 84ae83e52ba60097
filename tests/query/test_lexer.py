from __future__ import annotations

import pytest

from tidegauge.query.error import FilterError
from tidegauge.query.lexer import MAX_LENGTH, tokens


def texts(filter_text: str) -> list[str]:
    return [token.text for token in tokens(filter_text)]


@pytest.mark.parametrize(
    ("filter_text", "expected"),
    [
        ("", [""]),
        ("port=80", ["port", "=", "80", ""]),
        ("bytes>=1M", ["bytes", ">=", "1M", ""]),
        ("src net 2001:db8::/32", ["src", "net", "2001:db8::/32", ""]),
        ("port in [80,443]", ["port", "in", "[", "80", ",", "443", "]", ""]),
        ("tcp&&!udp||icmp", ["tcp", "&&", "!", "udp", "||", "icmp", ""]),
        ("tcp # and udp\nand port 80 -- the end", ["tcp", "and", "port", "80", ""]),
        ("port 80-90", ["port", "80-90", ""]),
        (r'user = "a \"b\" \\c"', ["user", "=", r'a "b" \c', ""]),
        ("user = 'x y'", ["user", "=", "x y", ""]),
        ("tcp /* not udp\n */ and port 80", ["tcp", "and", "port", "80", ""]),
        ("net 10.0.0.0/8", ["net", "10.0.0.0/8", ""]),
        (
            "tcp[tcpflags]&(tcp-syn|tcp-fin)!=0",
            ["tcp", "[", "tcpflags", "]", "&", "(", "tcp-syn", "|", "tcp-fin", ")", "!=", "0", ""],
        ),
        ("ip!<<10/8 user!~x port<>80", ["ip", "!<<", "10/8", "user", "!~", "x", "port", "<>", "80", ""]),
    ],
)
def test_words_operators_and_marks(filter_text: str, expected: list[str]) -> None:
    assert texts(filter_text) == expected


def test_columns_count_from_one() -> None:
    assert [token.column for token in tokens("ip 10.0.0.1 # x")] == [1, 4, 16]


def test_a_quoted_word_is_no_keyword() -> None:
    assert [token.word for token in tokens('AND "and"')] == ["and", "", ""]


@pytest.mark.parametrize(
    ("filter_text", "column", "message"),
    [
        ("user = 'jo", 8, "never closed"),
        ("user = 'jo\\", 8, "never closed"),
        ("x" * (MAX_LENGTH + 1), MAX_LENGTH + 1, "letters"),
    ],
)
def test_what_cannot_be_cut_is_pointed_at(filter_text: str, column: int, message: str) -> None:
    with pytest.raises(FilterError, match=message) as caught:
        tokens(filter_text)
    assert caught.value.column == column
