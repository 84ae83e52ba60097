from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.query.examples import WRITTEN
from tests.query.terms import terms
from tidegauge.query.canonical import canonical
from tidegauge.query.parser import parse
from tidegauge.query.syntax import Filter, Match, Term


@given(terms())
def test_the_canonical_form_read_again_is_the_same_filter(term: Term) -> None:
    assert parse(canonical(term)).term == term


@given(terms())
def test_the_canonical_form_never_warns(term: Term) -> None:
    assert parse(canonical(term)).warnings == ()


PIECES = st.sampled_from([written for written, _ in WRITTEN if written.strip() and "#" not in written])


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=2, max_size=4)
    return (
        inner.map("not {}".format)
        | inner.map("({})".format)
        | st.tuples(st.sampled_from([" and ", " or ", "&&", "||"]), several).map(
            lambda found: found[0].join(found[1])
        )
    )


@given(st.recursive(PIECES, joined, max_leaves=8))
def test_whatever_was_typed_survives_its_canonical_form(written: str) -> None:
    term = parse(written).term
    assert parse(canonical(term)) == Filter(term)


@pytest.mark.parametrize("written", [written for written, _ in WRITTEN])
def test_every_example_survives_its_canonical_form(written: str) -> None:
    term = parse(written).term
    assert parse(canonical(term)) == Filter(term)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "any"),
        ("src net 10.0.0.7/8", "src_addr = 10.0.0.0/8"),
        ("SrcAddr << 203.0.113.0/24", "src_addr = 203.0.113.0/24"),
        ("host 10.0.0.1", "addr = 10.0.0.1"),
        ("2001:DB8::1", "addr = 2001:db8::1"),
        ("not proto 6", "protocol != tcp"),
        ("protocol > 6", "protocol > 6"),
        ("proto 253", "protocol = 253"),
        ("flags AS", "tcp_flags has SA"),
        ("duration > 1500ms and tcp_rtt < 0", "duration > 1500ms and tcp_rtt < 0s"),
        ("port notin [443 80-90]", "port not in [443, 80-90]"),
        ("tcp or udp and port 53", "protocol = tcp or (protocol = udp and port = 53)"),
        ("not (tcp or udp)", "not (protocol = tcp or protocol = udp)"),
    ],
)
def test_one_way_to_write_it(written: str, expected: str) -> None:
    assert canonical(parse(written).term) == expected


def test_an_unknown_field_is_no_filter() -> None:
    with pytest.raises(ValueError, match="no field"):
        canonical(Match("nothing", "=", (1,)))
