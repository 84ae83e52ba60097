from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pytest

from tests.query.running import NOBODY, run
from tests.query.test_lookups import JOHN_THEN_ANNA, LAPTOP, held, packed
from tests.sample_lake import NOON, SECOND, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import address_from_text, text_from_address
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.query.timeline import (
    EPISODE_PAUSE,
    KINDS,
    answers_in_order,
    flows_in_order,
    kinds_told,
    names_in_order,
    order_of_time,
    subject_of,
)

EVER = TimeRange()
SERVER, PUBLIC = "142.250.185.78", "203.0.113.17"
ABOUT = Query(filter=f"addr {LAPTOP}")
PACKED = address_from_text(LAPTOP).to_bytes(16, "big")


def flow(begin: int, exporter: int = 1, **more: object) -> Row:
    """A flow of two seconds, seen by one of several exporters."""
    ends = {"src_addr": LAPTOP, "dst_addr": SERVER, "src_port": 50_000, "dst_port": 443, "protocol": 6}
    life = {"start": NOON + begin * SECOND, "end": NOON + (begin + 2) * SECOND}
    return {**ends, **life, "exporter": f"192.0.2.{exporter}", "bytes": 100, "packets": 1, **more}


def found(
    flows: Sequence[Row],
    query: Query = ABOUT,
    time_range: TimeRange = EVER,
    known: Mapping[str, Sequence[tuple[Any, ...]]] = NOBODY,
) -> list[dict[str, Any]]:
    statement = flows_in_order(query, time_range)
    names = [column.name for column in statement.columns]
    return [dict(zip(names, row, strict=True)) for row in run(statement, flows, known)]


def hops(flows: Sequence[Row]) -> list[tuple[str, int, int]]:
    """Exporter, hop and number of hops, in order."""
    return [(text_from_address(row["exporter"])[-1], row["hop"], row["hops"]) for row in found(flows)]


def test_one_flow_at_several_exporters_is_hops_in_the_order_of_time() -> None:
    assert hops([flow(2, exporter=1), flow(0, exporter=3), flow(1, exporter=2)]) == [
        ("3", 1, 3),
        ("2", 2, 3),
        ("1", 3, 3),
    ]


def test_slices_of_one_flow_at_one_exporter_are_one_hop() -> None:
    assert hops([flow(0), flow(3), flow(60, exporter=2)]) == [("1", 1, 2), ("1", 1, 2), ("2", 2, 2)]


def test_a_key_used_again_later_is_another_connection() -> None:
    later = 3 + EPISODE_PAUSE // SECOND
    assert hops([flow(0), flow(later, exporter=2)]) == [("1", 1, 1), ("2", 1, 1)]


def test_another_direction_is_another_flow() -> None:
    back: dict[str, Any] = {"src_addr": SERVER, "dst_addr": LAPTOP, "src_port": 443, "dst_port": 50_000}
    assert hops([flow(0), flow(1, exporter=2, **back)]) == [("1", 1, 1), ("2", 1, 1)]


def test_a_translation_is_told_once() -> None:
    nat: dict[str, Any] = {"nat_src_addr": PUBLIC, "nat_src_port": 40_001}
    rows = found([flow(0, **nat), flow(3, **nat), flow(6, **{**nat, "nat_src_port": 40_002}), flow(9)])
    assert [row["is_translated"] for row in rows] == [True, False, True, False]


def test_an_address_that_nat_gave_is_the_subject_too() -> None:
    nat: dict[str, Any] = {"nat_src_addr": PUBLIC, "nat_src_port": 40_001}
    flows = [flow(0, **nat), flow(1, src_port=50_001)]
    assert len(found(flows, Query(filter=f"addr {PUBLIC} and port 443"))) == 1


def test_the_limit_takes_the_first_or_the_last() -> None:
    flows = [flow(begin, src_port=50_000 + begin) for begin in range(5)]
    first = found(flows, Query(filter=ABOUT.filter, top=2))
    last = found(flows, Query(filter=ABOUT.filter, top=2, order="time:desc"))
    assert [(row["time"] - NOON) // SECOND for row in first + last] == [0, 1, 4, 3]


def test_flows_of_the_range_with_the_names_of_then() -> None:
    hosts = [(packed(SERVER), 0, 2 * NOON, "www.youtube.com", "ptr")]
    [row] = found([flow(0), flow(10)], time_range=TimeRange(NOON + 5 * SECOND, None), known={"hosts": hosts})
    assert (row["time"], row["site"]) == (NOON + 10 * SECOND, "www.youtube.com")


@pytest.mark.parametrize(
    ("having", "told"),
    [
        ("", KINDS),
        ("kind = dns", ("dns",)),
        ("kind in [nat, flow]", ("nat", "flow")),
        ("not kind = flow", ("name", "dns", "nat", "finding")),
    ],
)
def test_having_picks_kinds(having: str, told: tuple[str, ...]) -> None:
    statement = kinds_told(Query(filter=ABOUT.filter, having=having))
    assert tuple(kind for (kind,) in run(statement, [])) == told


def test_causes_come_before_their_effects() -> None:
    assert KINDS.index("dns") < KINDS.index("flow") < KINDS.index("finding")


def names(time_range: TimeRange = EVER, holders: Sequence[tuple[Any, ...]] = JOHN_THEN_ANNA) -> list[tuple]:
    return run(names_in_order(ABOUT, time_range, PACKED), [], {"holders": holders})


def test_who_came_and_who_went() -> None:
    """John's end is Anna's begin, so it needs no row; Anna's end is more than any clock will show."""
    assert names() == [
        (0, True, "John", "John-laptop", "dhcp"),
        (NOON, True, "Anna", "Anna-laptop", "dhcp"),
        (2 * NOON, False, "Anna", "Anna-laptop", "dhcp"),
    ]
    assert [row[2] for row in names(TimeRange(1, 2 * NOON))] == ["Anna"]


def test_whoever_always_held_it_makes_no_event() -> None:
    assert names(holders=[held(LAPTOP, "John", -(2**63) + 1, 2**63 - 1)]) == []


def test_what_it_was_told_and_what_others_were_told_about_it() -> None:
    told = [
        ("site", SERVER, LAPTOP, "www.youtube.com", NOON + 2),
        ("site", LAPTOP, SERVER, "laptop.example", NOON + 1),
        ("site", SERVER, SERVER, "elsewhere.example", NOON),
        ("host", LAPTOP, None, "laptop", NOON),
    ]
    statement = answers_in_order(ABOUT, EVER, PACKED)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE bindings "
            "(kind VARCHAR, address UUID, client UUID, name VARCHAR, since BIGINT, source VARCHAR)"
        )
        for kind, address, client, name, since in told * 2:
            values = [kind, packed(address), client and packed(client), name, since, "dnsmasq"]
            connection.execute("INSERT INTO bindings VALUES (?, ?, ?, ?, ?, ?)", values)
        rows = connection.execute(statement.sql, statement.values).fetchall()
    assert [(row[0] - NOON, text_from_address(row[1]), row[3]) for row in rows] == [
        (1, SERVER, "laptop.example"),
        (2, LAPTOP, "www.youtube.com"),
    ]


@pytest.mark.parametrize("words", ["", "port 53", "net 10.0.0.0/8", "host 10.0.0.1 or port 53"])
def test_a_timeline_is_about_one_address(words: str) -> None:
    with pytest.raises(QuestionError, match="one address"):
        subject_of(Query(filter=words))
    assert str(subject_of(Query(filter="port 53 and host 10.0.0.1"))) == "10.0.0.1"


def test_a_timeline_is_ordered_by_time() -> None:
    assert (order_of_time(Query()), order_of_time(Query(order="time:desc"))) == ("ASC", "DESC")
    with pytest.raises(QuestionError, match="bytes"):
        order_of_time(Query(order="bytes"))
