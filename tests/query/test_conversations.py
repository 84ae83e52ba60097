from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.running import run
from tests.sample_lake import NOON, SECOND, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.flow.spreading import share
from tidegauge.query.conversations import by_of, conversations
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query

EVER = TimeRange()
LAPTOP, SERVER, INTRANET = "10.0.0.1", "203.0.113.9", "10.0.1.30"


def flow(source: str, target: str, ports: tuple[int, int], size: int, **more: object) -> Row:
    ends = {"src_addr": source, "dst_addr": target, "src_port": ports[0], "dst_port": ports[1]}
    life = {"start": NOON, "end": NOON + 10 * SECOND, "protocol": 6, "packets": 2}
    return {**ends, **life, "bytes": size, **more}


def found(query: Query, flows: Sequence[Row], time_range: TimeRange = EVER) -> list[dict[str, Any]]:
    statement = conversations(query, time_range)
    names = [column.name for column in statement.columns]
    rows = [dict(zip(names, row, strict=True)) for row in run(statement, flows)]
    addresses = {column.name for column in statement.columns if column.type == "address"}
    return [
        {name: text_from_address(value) if name in addresses else value for name, value in row.items()}
        for row in rows
    ]


def test_both_directions_are_one_row() -> None:
    flows = [
        flow(LAPTOP, SERVER, (50_000, 443), 100, tcp_flags=0x02, tcp_rtt=40),
        flow(SERVER, LAPTOP, (443, 50_000), 900, tcp_flags=0x11, tcp_rtt=30, end=NOON + 20 * SECOND),
    ]
    assert found(Query(), flows) == [
        {
            "client": LAPTOP,
            "server": SERVER,
            "port": 443,
            "protocol": 6,
            "bytes": 1000,
            "bytes_to_server": 100,
            "bytes_to_client": 900,
            "packets_to_server": 2,
            "packets_to_client": 2,
            "packets": 4,
            "flows": 2,
            "first_seen": NOON,
            "last_seen": NOON + 20 * SECOND,
            "tcp_flags": 0x13,
            "tcp_rtt": 30,
        }
    ]


def test_a_record_of_both_directions_is_one_flow() -> None:
    biflow = flow(
        SERVER, LAPTOP, (443, 50_000), 900, reverse_bytes=100, reverse_packets=1, reverse_tcp_flags=2
    )
    [row] = found(Query(), [biflow])
    assert (row["client"], row["bytes_to_server"], row["bytes_to_client"]) == (LAPTOP, 100, 900)
    assert (row["packets_to_server"], row["packets_to_client"], row["flows"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("flows", "client"),
    [
        ([flow(SERVER, LAPTOP, (40_000, 22), 1)], SERVER),  # somebody outside asks a server at home
        ([flow(LAPTOP, SERVER, (50_000, 8801), 1)], LAPTOP),  # no well-known port: the near end
        ([flow(INTRANET, LAPTOP, (9100, 50_000), 1)], LAPTOP),  # both at home: the higher port
    ],
)
def test_the_client_is_the_end_that_asks(flows: list[Row], client: str) -> None:
    assert found(Query(by=("client",)), flows)[0]["client"] == client


def test_what_is_said_of_the_source_is_said_of_the_client() -> None:
    flows = [
        flow(LAPTOP, SERVER, (50_000, 443), 100, src_as=0, dst_as=15169, in_interface=1, out_interface=2),
        flow(SERVER, LAPTOP, (443, 50_000), 900, src_as=15169, dst_as=0, in_interface=2, out_interface=1),
    ]
    [row] = found(Query(by=("src_addr", "dst_as", "in_interface")), flows)
    assert (row["src_addr"], row["dst_as"], row["in_interface"], row["bytes"]) == (LAPTOP, 15169, 1, 1000)


def test_a_round_trip_that_nobody_measured_is_null() -> None:
    flows = [flow(LAPTOP, SERVER, (50_000, 443), 1, **more) for more in ({}, {"tcp_rtt": -5})]
    assert found(Query(), flows)[0]["tcp_rtt"] is None


def test_networks_of_clients() -> None:
    flows = [flow(f"10.0.0.{host}", SERVER, (50_000, 443), 1) for host in (1, 2)]
    statement = conversations(Query(by=("client/24", "server")), EVER)
    assert [column.name for column in statement.columns[:2]] == ["client", "server"]
    assert statement.columns[0].lengths == (24, 64)
    assert [row[2] for row in run(statement, flows)] == [2]


records = st.builds(
    lambda outward, host, port, size, begin, length: flow(
        *((f"10.0.0.{host}", SERVER) if outward else (SERVER, f"10.0.0.{host}")),
        (50_000, port) if outward else (port, 50_000),
        size,
        start=NOON + begin,
        end=NOON + begin + length,
    ),
    st.booleans(),
    st.integers(1, 2),
    st.sampled_from([443, 8801]),
    st.integers(0, 2**40),
    st.integers(0, 20),
    st.integers(0, 20),
)


@given(st.lists(records, max_size=8), st.integers(0, 20), st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_bytes_each_way_are_what_falls_into_the_range(flows: list[Row], since: int, width: int) -> None:
    time_range = TimeRange(NOON + since, NOON + since + width)
    expected: dict[tuple[str, int], list[int]] = {}
    for each in flows:
        if each["start"] >= NOON + since + width or each["end"] < NOON + since:
            continue
        is_up = each["src_port"] == 50_000
        key = (each["src_addr"], each["dst_port"]) if is_up else (each["dst_addr"], each["src_port"])
        part = share(each["bytes"], each["start"], each["end"], NOON + since, NOON + since + width)
        expected.setdefault(key, [0, 0])[0 if is_up else 1] += part
    rows = found(Query(by=("client", "port"), top=0), flows, time_range)
    assert {
        (row["client"], row["port"]): [row["bytes_to_server"], row["bytes_to_client"]] for row in rows
    } == (expected)


def test_ends_have_their_own_words() -> None:
    assert by_of(Query()) == ("src_addr", "dst_addr", "dst_port", "protocol")
    assert by_of(Query(by=("client/24", "team"))) == ("src_addr/24", "team")


def test_either_end_at_once_makes_no_conversation() -> None:
    with pytest.raises(QuestionError, match="either end"):
        conversations(Query(by=("addr",)), EVER)
    with pytest.raises(QuestionError, match="order"):
        conversations(Query(order="colour"), EVER)
