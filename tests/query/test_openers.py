from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import duckdb
import pytest

from tests.query.running import run
from tests.sample_lake import NOON, SECOND, Row, create_table
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.conversations import conversations
from tidegauge.query.openers import OPENERS
from tidegauge.query.question import Query

ONE, OTHER, OUTSIDE = "10.0.0.1", "10.0.0.2", "203.0.113.9"
SYN, SYN_ACK, RST_ACK, WHOLE = 0x02, 0x12, 0x14, 0x1B


def flow(source: str, target: str, ports: tuple[int | None, int | None], **more: object) -> Row:
    ends = {"src_addr": source, "dst_addr": target, "src_port": ports[0], "dst_port": ports[1]}
    return {**ends, "start": NOON, "end": NOON, "protocol": 6, "packets": 1, "bytes": 1, **more}


def told(flows: Sequence[Row]) -> list[tuple[str, int | None, int, int]]:
    """Client, port, bytes to the server and to the client of each conversation."""
    with duckdb.connect() as connection:
        create_table(connection, "flows", flows)
        openers = connection.execute(OPENERS).fetchall()
    statement = conversations(Query(top=0, order="client"), TimeRange())
    names = [column.name for column in statement.columns]
    places = [names.index(name) for name in ("client", "port", "bytes_to_server", "bytes_to_client")]
    rows = run(statement, flows, {"openers": openers} if openers else {})
    return [(text_from_address(row[0]), *(row[place] for place in places[1:])) for row in rows]


@pytest.mark.parametrize(
    ("there", "back", "client"),
    [
        # A SYN says it, whatever ports and clocks say.
        ({"tcp_flags": SYN, "start": NOON + SECOND}, {"tcp_flags": RST_ACK}, ONE),
        ({"tcp_flags": WHOLE, "start": NOON - SECOND}, {"tcp_flags": SYN}, OTHER),
        ({"tcp_flags": WHOLE}, {"tcp_flags": SYN_ACK, "start": NOON - SECOND}, ONE),
        # Else who was seen first.
        ({"tcp_flags": WHOLE}, {"tcp_flags": WHOLE, "start": NOON + 1}, ONE),
        ({"protocol": 17}, {"protocol": 17, "start": NOON - 1}, OTHER),
        # Two clocks are not compared: the higher port.
        ({"exporter": "::1"}, {"exporter": "::2", "start": NOON - 1}, ONE),
        ({}, {}, ONE),
    ],
)
def test_two_directions_are_judged_as_one(there: Row, back: Row, client: str) -> None:
    flows = [
        flow(ONE, OTHER, (9000, 8000), bytes=5, **there),
        flow(OTHER, ONE, (8000, 9000), bytes=7, **back),
    ]
    expected = (ONE, 8000, 5, 7) if client == ONE else (OTHER, 9000, 7, 5)
    assert told(flows) == told(flows[::-1]) == [expected]


def test_equal_ports_are_one_conversation() -> None:
    both = [
        flow(OTHER, ONE, (123, 123), protocol=17, start=NOON + 1),
        flow(ONE, OTHER, (123, 123), protocol=17),
    ]
    assert told(both) == [(ONE, 123, 1, 1)]
    at_once = [{**each, "start": NOON} for each in both]
    assert told(at_once) == [(ONE, 123, 1, 1)]
    without = [flow(ONE, OTHER, (None, None), protocol=50), flow(OTHER, ONE, (None, None), protocol=50)]
    assert [row[2:] for row in told(without)] == [(1, 1)]


def test_who_alone_spoke_asked_unless_ports_say_otherwise() -> None:
    assert told([flow(OTHER, ONE, (None, None), protocol=50)]) == [(OTHER, None, 1, 0)]
    assert told([flow(OTHER, ONE, (8000, 9000), protocol=17)]) == [(ONE, 8000, 0, 1)]


def test_a_well_known_port_needs_no_other_direction() -> None:
    assert told([flow(OUTSIDE, ONE, (50_000, 22), tcp_flags=SYN_ACK)]) == [(OUTSIDE, 22, 1, 0)]


def test_a_ping_and_its_answer_are_one_conversation() -> None:
    ping = flow(ONE, OTHER, (0, 8 << 8), protocol=1)
    answer = flow(OTHER, ONE, (0, 0), protocol=1, bytes=2)
    assert told([ping, answer]) == told([answer, ping]) == [(ONE, 2048, 1, 2)]
    six = [
        flow(OTHER, ONE, (0, 129 << 8), protocol=58, bytes=2),
        flow(ONE, OTHER, (0, 128 << 8), protocol=58),
    ]
    assert told(six) == [(ONE, 32768, 1, 2)]


def test_a_record_of_both_directions_begins_with_the_client() -> None:
    record = flow(OTHER, ONE, (8000, 9000), bytes=3, reverse_bytes=4, reverse_packets=1)
    assert told([record]) == [(OTHER, 9000, 3, 4)]


def test_no_byte_is_lost_or_split_whatever_comes() -> None:
    """Drawn at random, as plain Python adds them up: each pair of ends is one row, with all its bytes."""
    random = Random(7)
    flows = []
    for _ in range(300):
        source, target = random.sample([ONE, OTHER, OUTSIDE, "198.51.100.7"], 2)
        ports = random.choice([8000, 9000, 443]), random.choice([8000, 9000, 443])
        more: dict[str, Any] = {
            "protocol": random.choice([6, 17]),
            "tcp_flags": random.choice([SYN, SYN_ACK, WHOLE, None]),
        }
        instant = NOON + random.randrange(5)
        more |= {"start": instant, "end": instant, "exporter": random.choice(["::1", "::2"])}
        flows.append(flow(source, target, ports, bytes=random.randrange(2**40), **more))
    expected: dict[tuple[object, object], int] = {}
    for each in flows:
        ends = frozenset([(each["src_addr"], each["src_port"]), (each["dst_addr"], each["dst_port"])])
        expected[ends, each["protocol"]] = expected.get((ends, each["protocol"]), 0) + each["bytes"]
    with duckdb.connect() as connection:
        create_table(connection, "flows", flows)
        openers = connection.execute(OPENERS).fetchall()
    by = ("client", "client_port", "server", "port", "protocol")
    rows = run(conversations(Query(by=by, top=0), TimeRange()), flows, {"openers": openers})
    found = {
        (frozenset([(text_from_address(row[0]), row[1]), (text_from_address(row[2]), row[3])]), row[4]): row[
            5
        ]
        for row in rows
    }
    assert found == expected
    assert len(rows) == len(expected)
