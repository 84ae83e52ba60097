from __future__ import annotations

from tests.query.running import run
from tests.query.test_lookups import JOHN_THEN_ANNA, LAPTOP, NOON, held, packed
from tidegauge.flow.addresses import address_from_text
from tidegauge.query.identity import identity

PACKED = address_from_text(LAPTOP).to_bytes(16, "big")


def names(first: int, last: int, **known: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    found = run(identity([(PACKED, first, last)]), [], {"holders": JOHN_THEN_ANNA, **known})
    return [(row[0], *row[2:]) for row in found]


def test_only_who_held_it_then() -> None:
    assert {row[0] for row in names(NOON - 5, NOON - 1)} == {"John", "John-laptop", "sales"}
    assert {row[0] for row in names(NOON, NOON + 5)} == {"Anna", "Anna-laptop", "sales"}
    assert {row[0] for row in names(NOON - 1, NOON)} >= {"John", "Anna"}


def test_a_name_comes_with_its_span_and_its_source() -> None:
    assert ("John", "person, dhcp", 0, NOON) in names(0, NOON - 1)


def test_an_end_that_nobody_knows_is_none() -> None:
    pinned = [held(LAPTOP, "John", -(2**63) + 1, 2**63 - 1, is_pinned=True)]
    assert ("John", "person, pinned", None, None) in names(0, NOON, holders=pinned)


def test_what_the_dns_calls_it_counts_too() -> None:
    hosts: list[tuple[object, ...]] = [(packed(LAPTOP), 0, NOON, "laptop.example", "ptr")]
    assert ("laptop.example", "host, ptr", 0, NOON) in names(0, 1, hosts=hosts)


def test_no_address_has_no_name() -> None:
    assert run(identity([]), [], {"holders": JOHN_THEN_ANNA}) == []
