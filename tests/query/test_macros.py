from __future__ import annotations

import pytest

from tests.query.steps import steps
from tidegauge.query.error import FilterError
from tidegauge.query.macros import MAX_NESTED, Macros
from tidegauge.query.parser import parse

MACROS = {
    "office": "src net 10.0.0.0/8 or dst net 10.0.0.0/8",
    "web": "port in [80, 443]",
    "surfing": "@office and @web",
    "broken": "port 80 or prtocol 6",
    "here": "@there",
    "there": "not @here",
    "habit": "duration > 5",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("@web", "port in [80, 443]"),
        ("not @web", "not port in [80, 443]"),
        ("tcp and @office", "tcp and (src net 10/8 or dst net 10/8)"),
        ("@surfing and bytes > 1M", "(src net 10/8 or dst net 10/8) and port in [80, 443] and bytes > 1M"),
    ],
)
def test_a_macro_is_a_filter_in_brackets(written: str, meant: str) -> None:
    assert parse(written, MACROS) == parse(meant)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("tcp and @offce", "column 9: there is no macro @offce; did you mean @office?"),
        ("tcp and @broken", "column 9: in @broken: column 12: expected a condition, found 'prtocol'"),
        ("tcp and @here", "column 9: in @here: column 1: in @there: column 5: @here is made of itself"),
        ("@include rules.txt", "column 1: there is no macro @include"),
    ],
)
def test_errors_point_at_the_macro_and_into_it(written: str, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(written, MACROS)
    assert str(caught.value).startswith(message)
    assert caught.value.text == written


def test_a_warning_says_which_macro_it_is_about() -> None:
    assert parse("@habit", MACROS).warnings == (
        "in @habit: column 12: 5 is read as milliseconds, as nfdump does; write 5ms",
    )


def test_macros_inside_each_other_are_counted() -> None:
    chain = {f"m{level}": f"@m{level + 1}" for level in range(MAX_NESTED)} | {f"m{MAX_NESTED}": "tcp"}
    assert parse("@m1", chain).term == parse("tcp").term
    with pytest.raises(FilterError, match=f"more than {MAX_NESTED} macros"):
        parse("@m0", chain)


def test_macros_that_double_each_other_cost_no_more_than_they_may_say() -> None:
    bomb = {f"m{level}": " or ".join([f"@m{level + 1}"] * 100) for level in range(9)} | {"m9": "port 80"}

    def read() -> None:
        with pytest.raises(FilterError, match="more than 10000 values"):
            parse("@m0", bomb)

    assert steps(read) < 1_000_000


def test_each_macro_is_read_once() -> None:
    read = []

    def parse_once(text: str, macros: Macros) -> object:
        read.append((text, macros))
        return parse(text)

    macros = Macros({"web": "port 80"})
    for _ in range(2):
        macros.expand("web", 1, parse_once)  # type: ignore[arg-type]
    assert read == [("port 80", macros)]
