from __future__ import annotations

from typing import Any

import pytest

from tests.query.running import run
from tests.sample_lake import NOON, SECOND, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.question import Query
from tidegauge.query.time_sources import COLUMNS, time_sources

LAPTOP, PRINTER, SERVER, POOL = "192.168.10.17", "192.168.20.20", "192.168.1.1", "192.0.2.123"
NAMES = [column.name for column in COLUMNS]


def flow(source: str, target: str, ports: tuple[int, int], at: int = 0, **more: Any) -> Row:
    ends = {"src_addr": source, "dst_addr": target, "src_port": ports[0], "dst_port": ports[1]}
    moment = NOON + at * SECOND
    return {**ends, "start": moment, "end": moment, "protocol": 17, "packets": 1, "bytes": 76, **more}


def found(*flows: Row, words: str = "", time_range: TimeRange | None = None) -> list[dict[str, Any]]:
    rows = run(time_sources(Query(filter=words), time_range or TimeRange()), flows)
    told = [dict(zip(NAMES, row, strict=True)) for row in rows]
    for row in told:
        for name in ("address", "server"):
            row[name] = row[name] and text_from_address(row[name])
    return told


def test_a_device_with_the_servers_it_asks_and_how_they_answer() -> None:
    rows = found(
        flow(LAPTOP, POOL, (50_000, 123)),
        flow(POOL, LAPTOP, (123, 50_000)),
        flow(LAPTOP, POOL, (50_001, 123), at=64),
        flow(LAPTOP, SERVER, (50_002, 123), at=70),
    )
    assert [(row["address"], row["server"], row["is_server_home"]) for row in rows] == [
        (LAPTOP, POOL, False),
        (LAPTOP, SERVER, True),
    ]
    first = rows[0]
    assert (first["requests"], first["answers"]) == (2, 1)
    assert (first["first_asked"], first["last_asked"]) == (NOON, NOON + 64 * SECOND)
    assert first["last_seen"] == NOON + 70 * SECOND


def test_a_device_that_asks_nobody_is_there_without_a_server() -> None:
    rows = found(
        flow(PRINTER, POOL, (50_000, 443), protocol=6), flow(POOL, LAPTOP, (443, 50_000), protocol=6)
    )
    assert [(row["address"], row["server"], row["requests"]) for row in rows] == [(PRINTER, None, None)]


def test_a_server_of_ours_is_a_device_that_asks_nobody_by_answering() -> None:
    rows = found(
        flow(LAPTOP, SERVER, (50_000, 123)), flow(SERVER, LAPTOP, (123, 50_000)), flow(SERVER, POOL, (1, 2))
    )
    assert [(row["address"], row["server"]) for row in rows] == [(SERVER, None), (LAPTOP, SERVER)]


@pytest.mark.parametrize("ports", [(123, 123), (50_000, 123)])
def test_clients_of_old_ask_from_port_123(ports: tuple[int, int]) -> None:
    [row] = found(flow(LAPTOP, POOL, ports), flow(POOL, LAPTOP, ports[::-1]))
    assert (row["address"], row["server"], row["requests"], row["answers"]) == (LAPTOP, POOL, 1, 1)


def test_what_is_not_ntp_does_not_count() -> None:
    [row] = found(flow(LAPTOP, POOL, (50_000, 123), protocol=6))
    assert row["server"] is None


def test_the_filter_and_the_range_choose_the_flows() -> None:
    flows = (flow(LAPTOP, POOL, (50_000, 123)), flow(LAPTOP, SERVER, (50_000, 123), at=100))
    assert [row["server"] for row in found(*flows, words=f"addr {SERVER}")] == [SERVER]
    early = TimeRange(NOON, NOON + 50 * SECOND)
    assert [row["server"] for row in found(*flows, time_range=early)] == [POOL]
