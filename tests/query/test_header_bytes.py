from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.query.cursor import Cursor
from tidegauge.query.header_bytes import names_header_bytes, read_header_bytes
from tidegauge.query.lexer import tokens
from tidegauge.query.syntax import And, Match, Not, Term


def holds(term: Term, flags: int) -> bool:
    match term:
        case Not(inner):
            return not holds(inner, flags)
        case And(inner):
            return all(holds(each, flags) for each in inner)
        case Match("protocol", _, _):
            return True
        case Match("tcp_flags", operator, (int(value),)):
            return {"=": flags == value, "has": flags & value == value, "any": flags & value != 0}[operator]
    raise AssertionError(term)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.sampled_from(["=", "!="]))
def test_flags_are_compared_as_the_bits_say(mask: int, wanted: int, flags: int, sign: str) -> None:
    wanted &= mask
    term = read_header_bytes(Cursor(tokens(f"tcp[tcpflags] & {mask} {sign} {wanted}")))
    assert holds(term, flags) == ((flags & mask == wanted) is (sign == "="))


@pytest.mark.parametrize(
    ("text", "found"), [("tcp[13] = 2", True), ("tcp port 13", False), ("port [13]", False), ("tcp", False)]
)
def test_where_bytes_of_a_header_are_named(text: str, found: object) -> None:
    assert names_header_bytes(Cursor(tokens(text))) is found
