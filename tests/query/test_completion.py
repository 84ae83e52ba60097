from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.query.examples import WRITTEN
from tests.query.steps import steps
from tidegauge.flow.field import Field
from tidegauge.query.completion import MAX_LIMIT, complete

USERS = ["John", "Sarah Q", "and", "null"]


def live(field: Field, typed: str, limit: int) -> list[str]:
    known = {"user": USERS, "src_addr": ["10.0.0.1", "10.0.0.2"]}.get(field.name, [])
    return [value for value in known if typed.lower() in value.lower()][:limit]


def texts(written: str, cursor: int | None = None) -> list[str]:
    return [
        candidate.text for candidate in complete(written, cursor, live, {"office": "net 10/8"}).candidates
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("dst po", ["port"]),
        ("proto tc", ["tcp"]),
        ("@", ["@office"]),
        ("tcp and bytes_es", ["bytes_estimate"]),
        ("port htt", ["http", "https", "http-alt", "https-alt"]),
        ("user Jo", ["John"]),
        ('user "sa', ['"Sarah Q"']),
        ("user nul", ['"null"']),
        ("src 10.", ["10.0.0.1", "10.0.0.2"]),
        ("user in [John, sa", ['"Sarah Q"']),
        ("(tcp and udp ", [")", "and", "or"]),
        ("user is ", ["John"]),
        ("in src ", ["mac"]),
        ("last s", ["seen"]),
        ("colour = 5 and t", []),
    ],
)
def test_what_could_be_written(written: str, expected: list[str]) -> None:
    found = texts(written)
    assert set(expected) <= set(found)
    assert bool(expected) == bool(found)


def test_only_what_stands_before_the_cursor_counts() -> None:
    found = complete("user Jo and bytes > 5", 7, live)
    assert (found.start, found.end) == (5, 7)
    assert [candidate.text for candidate in found.candidates] == ["John"]


def test_an_open_quote_is_replaced_with_its_text() -> None:
    found = complete('user = "sa', values=live)
    assert (found.start, found.end) == (7, 10)


def test_what_cannot_be_listed_is_described() -> None:
    assert complete("bytes > ").expected == ("a number such as 443, 80-90 or 1M",)


def test_what_begins_as_typed_comes_first() -> None:
    assert texts("proto tcp and p")[0].startswith("p")


@given(st.sampled_from([written for written, _ in WRITTEN]), st.data())
def test_each_candidate_can_be_written_there(written: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(written)))
    found = complete(written, cursor, live)
    assert 0 <= found.start <= found.end == cursor
    for candidate in found.candidates:
        after = complete(written[: found.start] + candidate.text + " ")
        assert after.candidates or after.expected or candidate.kind == "value", candidate.text


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("icmp[icmptype] != ", "icmp-echo"),
        ("tcp[tcpflags] & ", "tcp-syn"),
        ("tcp[tcpflags] = tcp-fin|", "tcp-ack"),
    ],
)
def test_bytes_of_a_header_are_compared_with_names(written: str, offered: str) -> None:
    assert offered in [candidate.text for candidate in complete(written).candidates]


def test_candidates_are_bounded_in_number_and_cost() -> None:
    found = complete("", values=live, limit=10_000)
    assert len(found.candidates) <= MAX_LIMIT
    hostile = "port in [" + "80 " * 3_000
    assert steps(lambda: complete(hostile)) < 100 * len(hostile) + 10_000
