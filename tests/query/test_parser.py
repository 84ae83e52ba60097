from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.flow.addresses import network_from_text
from tidegauge.query.error import FilterError
from tidegauge.query.parser import MAX_DEPTH, parse
from tidegauge.query.syntax import And, Anything, Match, Not, Or, Span

TCP, UDP = Match("protocol", "=", (6,)), Match("protocol", "=", (17,))
NET = (network_from_text("10.0.0.0/8"),)


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("", Anything()),
        ("  # nothing\n", Anything()),
        ("any", Anything()),
        ("src net 10.0.0.0/8", Match("src_addr", "=", NET)),
        ("src net 10/8", Match("src_addr", "=", NET)),
        ("src 10.0.0.0/8", Match("src_addr", "=", NET)),
        ("src = 10.0.0.0/8", Match("src_addr", "=", NET)),
        ("SrcAddr = 10.0.0.0/8", Match("src_addr", "=", NET)),
        ("srcip in [10.0.0.0/8]", Match("src_addr", "=", NET)),
        ("src or dst net 10.0.0.0/8", Match("addr", "=", NET)),
        ("net 10.0.0.0/8", Match("addr", "=", NET)),
        ("10.0.0.0/8", Match("addr", "=", NET)),
        ("dst and src net 10/8", And((Match("src_addr", "=", NET), Match("dst_addr", "=", NET)))),
        ("next hop 10.0.0.0/8", Match("next_hop", "=", NET)),
        ("router ip 10.0.0.0/8", Match("exporter", "=", NET)),
        ("tcp", TCP),
        ("proto 6", TCP),
        ("protocol == tcp", TCP),
        ("TCP and UDP", And((TCP, UDP))),
        ("tcp || udp", Or((TCP, UDP))),
        ("! tcp", Not(TCP)),
        ("proto != tcp", Not(TCP)),
        ("tcp dst port 443", And((TCP, Match("dst_port", "=", (443,))))),
        ("portrange 80-90", Match("port", "=", (Span(80, 90),))),
        ("port in (80 443)", Match("port", "=", (80, 443))),
        ("src port gt 1023", Match("src_port", ">", (1023,))),
        ("in if 3", Match("in_interface", "=", (3,))),
        ("out interface 3", Match("out_interface", "=", (3,))),
        ("if 3", Match("interface", "=", (3,))),
        ("src as AS15169", Match("src_as", "=", (15169,))),
        ("bytes > 1.5M", Match("bytes", ">", (1_500_000,))),
        ("bytes > 1Mi", Match("bytes", ">", (1 << 20,))),
        ("flags S", Match("tcp_flags", "has", (2,))),
        ("flags = SA", Match("tcp_flags", "=", (18,))),
        ("duration > 1.5s", Match("duration", ">", (1_500_000_000,))),
        ("user ~ jo", Match("user", "~", ("jo",))),
        ("src_port = null", Match("src_port", "=", (None,))),
        ("user = 'null'", Match("user", "=", ("null",))),
        ("port '80'", Match("port", "=", (80,))),
        ("start >= 2026-01-01T00:00:00Z", Match("start", ">=", (1_767_225_600_000_000_000,))),
        ("inet", Match("src_addr", "=", (network_from_text("0.0.0.0/0"),))),
    ],
)
def test_words_of_three_dialects(written: str, term: object) -> None:
    assert parse(written).term == term


def test_and_binds_tighter_than_or_and_the_mix_warns() -> None:
    found = parse("tcp or udp and port 53")
    assert found.term == Or((TCP, And((UDP, Match("port", "=", (53,))))))
    assert "protocol = tcp or (protocol = udp and port = 53)" in found.warnings[0]


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
        ("src if 3", 1, "did you mean in"),
        ("in port 3", 1, "did you mean src"),
        ("duration > 5", 12, "number and a unit"),
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
