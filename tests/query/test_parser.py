from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.query.examples import TCP, UDP, WRITTEN
from tests.query.steps import steps
from tests.surroundings import ROOT
from tidegauge.query.error import FilterError
from tidegauge.query.parser import MAX_DEPTH, offers, parse
from tidegauge.query.syntax import And, Match, Not, Or, Term


@pytest.mark.parametrize(("written", "term"), WRITTEN)
def test_words_of_three_dialects(written: str, term: Term) -> None:
    assert parse(written).term == term


def test_and_binds_tighter_than_or_and_the_mix_warns() -> None:
    found = parse("tcp or udp and port 53")
    assert found.term == Or((TCP, And((UDP, Match("port", "=", (53,))))))
    assert "protocol = tcp or (protocol = udp and port = 53)" in found.warnings[0]


@pytest.mark.parametrize(
    ("written", "warning"),
    [
        ("duration > 1000", "column 12: 1000 is read as milliseconds, as nfdump does; write 1000ms"),
        ("not flags SA", "column 1: read as none of these flags, as nfdump does: not tcp_flags any SA"),
        (
            "src 10.0.0.1 or 10.0.0.2",
            "column 17: 10.0.0.2 is either side here, tcpdump would take src_addr; write: src_addr 10.0.0.2",
        ),
    ],
)
def test_habits_that_differ_are_read_and_told(written: str, warning: str) -> None:
    assert parse(written).warnings == (warning,)


@pytest.mark.parametrize(
    "written", ["tcp or (udp and port 53)", "tcp and udp and port 53", "(tcp or udp) and port 53"]
)
def test_brackets_leave_nothing_to_warn_about(written: str) -> None:
    assert parse(written).warnings == ()


@pytest.mark.parametrize(
    ("written", "column", "message"),
    [
        ("prtocol = 6", 1, "did you mean protocol"),
        ("tcp )", 5, "expected and, or, or the end"),
        ("(tcp", 5, "bracket of column 1"),
        ("tcp and", 8, "expected a condition, found the end"),
        ("port", 5, "expected a number"),
        ("port and tcp", 6, "expected a number"),
        ("port 70000", 6, "70000 is more than"),
        ("port 90-80", 6, "backwards"),
        ("port > 80-90", 8, "cannot be compared by >"),
        ("port 80 or 443", 12, r"did you mean port in \[80, 443\]"),
        ("port like 8", 6, "takes ="),
        ("bytes > 1.0005k", 9, "no whole number"),
        ("src host 10.0.0.256", 10, "no address or network"),
        ("src prot 5", 5, "after src"),
        ("src and port 80", 9, "expected dst after src and"),
        ("src if 3", 1, "did you mean in"),
        ("in port 3", 1, "did you mean src"),
        ("duration > 5x", 12, "number and a unit"),
        ("tcp & udp", 5, "did you mean and"),
        ("tcp | udp", 5, "did you mean or"),
        ("port http or https", 14, r"did you mean port in \[80, https\]"),
        ("port 80, 443", 8, r"did you mean port in \[80, 443\]"),
        ("user John or Sarah", 14, r'did you mean user in \["John", "Sarah"\]'),
        ("user John Smith", 11, 'did you mean user = "John Smith"'),
        ("host www.example.com", 6, 'compared by: site = "www.example.com"'),
        ("net 10.0.0.0 255.0.255.0", 5, "no netmask"),
        ("as AS70000.1", 4, "16 bits"),
        ("flows > 5", 1, "--having"),
        ("less 100", 1, "bpp"),
        ("first flow", 1, "expected a condition"),
        ("tcp[0:2] = 80", 1, r"keeps no bytes tcp\[0:2\]"),
        ("tcp[tcpflags] & tcp-syn = tcp-ack", 27, "masked out"),
        ("tcp[tcpflags] > 2", 15, "expected = or !="),
        ("tcp[tcpflags] = tcp-sin", 17, "expected tcp-syn"),
        ("icmp[icmptype] = 256", 18, "one byte"),
        ("icmp[icmptype = 8", 15, "expected ]"),
        ("@office", 1, "no macros are defined"),
        ("start > 2026-01-01", 9, "offset"),
        ("flags > S", 7, "takes = has"),
        ("mac 00:11", 5, "no MAC address"),
        ("other = 5", 7, "cannot be compared"),
        ("user = ", 8, "expected text"),
        ("port in [80", 12, "expected a number"),
        ("tcp\nand prot 5", 9, "did you mean proto"),
    ],
)
def test_errors_point_at_the_column(written: str, column: int, message: str) -> None:
    with pytest.raises(FilterError, match=message) as caught:
        parse(written)
    assert caught.value.column == column
    assert caught.value.text == written


@pytest.mark.parametrize(
    "written", ["(" * 10_000, "not " * 2_000 + "tcp", "(not " * MAX_DEPTH + "tcp" + ")" * MAX_DEPTH]
)
def test_depth_is_bounded_without_exhausting_the_stack(written: str) -> None:
    with pytest.raises(FilterError, match=r"nested|brackets|letters"):
        parse(written)


def test_a_filter_may_be_as_deep_as_promised() -> None:
    written = "not " * (MAX_DEPTH - 1) + "tcp"
    assert isinstance(parse(written).term, Not)


@given(st.text(alphabet="()[]=<>!~&|,'\"#- aeinoprtsuyd0189.:/\\", max_size=60) | st.text(max_size=40))
def test_any_text_is_a_filter_or_a_filter_error(written: str) -> None:
    column = 1
    try:
        parse(written)
    except FilterError as error:
        column = error.column
    assert 1 <= column <= len(written) + 1


HOSTILE = {
    "open brackets": "(" * 9_999,
    "negations": "not " * 2_500,
    "mixed and nested": "(any or any and " * 600 + "any",
    "a list": f"port in [{' '.join(['80'] * 3_300)}]",
    "different values": f"port in [{' '.join(map(str, range(1_700)))}]",
    "one long word": "a" * 10_000,
    "a long number": "bytes > " + "9" * 9_000,
    "alternatives": " or ".join(["any"] * 1_400),
    "letters of the world": "üñíçødé ☃ 💥 \u202e" * 500,
    "digits of the world": "port ٣٤٥",
    "commas": "port in [" + "," * 9_000,
    "phrases": "in src " * 1_400,
    "addresses": "10.0.0.1 or " * 830 + "10.0.0.1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_filters_cost_at_most_so_many_steps_a_letter(name: str) -> None:
    def read() -> None:
        with suppress(FilterError):
            parse(HOSTILE[name])

    assert steps(read) < 100 * len(HOSTILE[name]) + 10_000


@given(st.text(max_size=60), st.integers(0, 60))
def test_offers_are_made_for_any_text(written: str, length: int) -> None:
    for offer in offers(written[:length]):
        assert offer.words or offer.field or offer.kind == "condition"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", {"condition"}),
        ("tcp", {"and", "or", "condition"}),
        ("port", {"=", "!=", "in", "value of src_port"}),
        ("port =", {"value of src_port"}),
        ("port in [80", {",", "]"}),
        ("(tcp and udp", {")", "or"}),
        ("first", {"seen"}),
        ("src", {"port", "value of src_addr", "and", "or"}),
        ("colour = 5 and", set()),
    ],
)
def test_what_could_follow(written: str, expected: set[str]) -> None:
    found = offers(written)
    names = {word for offer in found for word in offer.words}
    names |= {f"value of {offer.field.name}" for offer in found if offer.field}
    names |= {offer.kind for offer in found if offer.kind == "condition"}
    assert expected <= names
    assert bool(expected) == bool(names)


NOT_FLAGS = "column 13: read as none of these flags, as nfdump does: not tcp_flags any FRPAU"


def examples() -> list[str]:
    """The filters of the reference page, one a line."""
    page = (ROOT / "docs/reference/filters.md").read_text()
    return [
        line for block in re.findall(r"```filter\n(.*?)```", page, re.DOTALL) for line in block.splitlines()
    ]


@pytest.mark.parametrize("written", examples())
def test_the_reference_page_can_be_read_without_a_warning(written: str) -> None:
    assert parse(written).warnings in ((), (NOT_FLAGS,))
