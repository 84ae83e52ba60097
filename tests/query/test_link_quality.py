from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.query.running import run
from tests.sample_lake import NOON, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.link_quality import PATIENCE, measured, responses
from tidegauge.query.question import Query
from tidegauge.query.statement import Statement

EVER = TimeRange()
ALL = Query(duplicates="all")
MS = 1_000_000
ASKED = NOON + 123  # by a clock that tells nanoseconds


def flow(**more: object) -> Row:
    ends = {"src_addr": "10.0.0.1", "dst_addr": "203.0.113.9", "src_port": 50_000, "dst_port": 53}
    passed = {"exporter": "192.0.2.1", "in_interface": 1, "out_interface": 2, "protocol": 17}
    return {**ends, **passed, "start": ASKED, "end": ASKED, "packets": 1, "bytes": 60, **more}


def answer(after: int, **more: object) -> Row:
    back = {"src_addr": "203.0.113.9", "dst_addr": "10.0.0.1", "src_port": 53, "dst_port": 50_000}
    passed = {"in_interface": 2, "out_interface": 1}
    return flow(**{**back, **passed, "start": ASKED + after, "end": ASKED + after, **more})


def rows_of(statement: Statement, flows: Sequence[Row]) -> dict[int, dict[str, Any]]:
    names = [column.name for column in statement.columns]
    rows = (dict(zip(names, row, strict=True)) for row in run(statement, flows))
    return {row["interface"]: row for row in rows}


def response(*flows: Row) -> tuple[int, int, int] | None:
    """How many exchanges at interface 1, and between what times the median answer came."""
    row = rows_of(responses(ALL, EVER, 1), flows).get(1)
    if row is None:
        return None
    return row["responses"], row["response_p50_low"], row["response_p50_high"]


def test_a_question_of_one_packet_tells_the_time_exactly() -> None:
    assert response(flow(), answer(7 * MS)) == (1, 7 * MS, 7 * MS)


def test_a_longer_question_leaves_a_bound() -> None:
    question = flow(packets=2, end=ASKED + 3 * MS)
    assert response(question, answer(7 * MS)) == (1, 4 * MS, 7 * MS)
    assert response(flow(packets=3, end=ASKED + 9 * MS), answer(7 * MS)) == (1, 0, 7 * MS)


@pytest.mark.parametrize(("tick", "low", "high"), [(MS, 6 * MS, 8 * MS), (1000 * MS, 0, 2000 * MS)])
def test_a_coarse_clock_widens_the_bound(tick: int, low: int, high: int) -> None:
    """Of milliseconds 7 is 6 to 8; of seconds 1 is 0 to 2."""
    after = -(-7 * MS // tick) * tick
    whole = answer(0, start=NOON + after, end=NOON + after)
    assert response(flow(start=NOON, end=NOON), whole) == (1, low, high)


def test_an_exchange_passes_two_interfaces() -> None:
    found = rows_of(responses(ALL, EVER, 1), [flow(), answer(MS)])
    assert {interface: row["responses"] for interface, row in found.items()} == {1: 1, 2: 1}


@pytest.mark.parametrize(
    "other",
    [
        answer(-1),  # before it was asked
        answer(PATIENCE),
        answer(MS, exporter="192.0.2.2"),  # by another clock
        answer(MS, dst_port=50_001),
        answer(MS, packets=9),  # in the middle of something longer
    ],
)
def test_what_is_no_answer(other: Row) -> None:
    assert response(flow(), other) is None


def test_connections_are_told_by_their_first_packets() -> None:
    ends = {"protocol": 6, "dst_port": 443, "packets": 50, "end": ASKED + 900 * MS}
    back = {"protocol": 6, "src_port": 443, "packets": 80}
    assert response(flow(**ends, tcp_flags=0x12), answer(20 * MS, **back, tcp_flags=0x12)) == (1, 0, 20 * MS)
    assert response(flow(**ends, tcp_flags=0x10), answer(20 * MS, **back, tcp_flags=0x10)) is None


def test_a_record_of_both_directions_does_not_tell_when_the_answer_began() -> None:
    assert response(flow(reverse_bytes=100, reverse_packets=1)) is None


def test_every_nth_exchange_is_one_or_none() -> None:
    flows = [each for port in range(1100, 1400) for each in (flow(src_port=port), answer(MS, dst_port=port))]
    some = rows_of(responses(ALL, EVER, 10), flows)[1]["responses"]
    assert 5 < some < 100


def test_round_trips_and_retransmissions_are_those_of_both_directions() -> None:
    tcp = {"protocol": 6, "packets": 100}
    flows = [
        flow(**tcp, tcp_rtt=10 * MS, retransmits=5),
        answer(0, **tcp, tcp_rtt=30 * MS, retransmits=0),
        flow(**tcp, tcp_rtt=20 * MS),
    ]
    row = rows_of(measured(ALL, EVER), flows)[1]
    assert (row["rtt_flows"], row["rtt_p50"], row["rtt_p95"]) == (3, 20 * MS, 30 * MS)
    assert row["retransmit_share"] == 0.025


def test_what_was_lost_before_it_was_metered_was_sent_anew_as_well() -> None:
    flows = [flow(protocol=6, packets=100, retransmits=1, late_fills=4)]
    assert rows_of(measured(ALL, EVER), flows)[1]["retransmit_share"] == 0.05


def test_what_nobody_measured_is_null() -> None:
    assert rows_of(measured(ALL, EVER), [flow()]) == {}
    row = rows_of(measured(ALL, EVER), [flow(), flow(retransmits=0)])[1]
    assert (row["rtt_flows"], row["rtt_p50"], row["retransmit_share"]) == (0, None, 0.0)
