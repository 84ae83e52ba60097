from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.names.told import packed
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.passings import TwoWay, two_way
from tidegauge.clock.feasible_set import feasible_set
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.exchange import Exchange
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.exchanges import append, exchanges_seen

MILLISECOND = 1_000_000
US, SERVER, NAT, EXPORTER = "10.0.0.7", "198.51.100.1", "203.0.113.9", "192.0.2.9"
PORT, NTP, UDP, TCP, SYN, ACK = 40_000, 123, 17, 6, 2, 16
SLOW = -300 * SECOND
ALL = TimeRange()


def asked(number: int = 0, **changed: Any) -> Exchange:
    """A question a minute, each answered within 20 ms."""
    sent = NOON + number * 60 * SECOND + number * 7 * MILLISECOND
    said: dict[str, Any] = {
        "client_address": packed(US), "client_port": PORT + number, "server_address": packed(SERVER),
        "server_port": NTP, "protocol": UDP, "sent": sent, "received": sent + 20 * MILLISECOND,
        "request_bytes": 76, "reply_bytes": 76,
    }  # fmt: skip
    return Exchange(**said | changed)


def question(number: int = 0, offset: int = SLOW, **changed: Any) -> dict[str, Any]:
    """The question as a router 1 ms away tells it, whose clock is ``offset`` wrong and shows milliseconds."""
    return _record(asked(number).sent + MILLISECOND, offset, (US, PORT + number), (SERVER, NTP), changed)


def answer(number: int = 0, offset: int = SLOW, **changed: Any) -> dict[str, Any]:
    return _record(asked(number).received - MILLISECOND, offset, (SERVER, NTP), (US, PORT + number), changed)


def _record(
    passed: int, offset: int, source: tuple[str, int], target: tuple[str, int], changed: dict[str, Any]
) -> dict[str, Any]:
    shown = (passed + offset) // MILLISECOND * MILLISECOND
    return {
        "received": passed + 15 * SECOND, "start": shown, "end": shown, "exporter": EXPORTER,
        "observation_domain": 1, "protocol_version": "ipfix", "src_addr": source[0], "src_port": source[1],
        "dst_addr": target[0], "dst_port": target[1], "protocol": UDP, "packets": 1, "bytes": 76,
    } | changed  # fmt: skip


def others(domain: int = 1) -> list[dict[str, Any]]:
    """Flows of other people, which show that the clock tells milliseconds."""
    return [question(number, src_port=5, observation_domain=domain) for number in range(2)] + [
        question(0, src_port=6, start=question()["start"] + MILLISECOND, observation_domain=domain)
    ]


@contextmanager
def lake_of(path: Path, exchanges: Sequence[Exchange], flows: Sequence[dict[str, Any]]) -> Iterator[Engine]:
    lake = make_lake(path / "lake", flows)
    append(lake, exchanges, NOON)
    with lake.generation() as generation, Engine(generation) as engine, exchanges_seen(engine, lake):
        yield engine


def found(
    path: Path, exchanges: Sequence[Exchange], flows: Sequence[dict[str, Any]], time_range: TimeRange = ALL
) -> list[TwoWay]:
    with lake_of(path, exchanges, flows) as engine:
        return two_way(engine, time_range)


def bounds(bound: TwoWay) -> tuple[int, int]:
    low, high = feasible_set(bound.floors, bound.ceilings).bounds_at(max(at for at, _ in bound.floors))
    assert low is not None
    assert high is not None
    return low, high


def test_a_slow_clock_is_bounded_from_both_sides_by_our_own_packets(tmp_path: Path) -> None:
    numbers = range(5)
    [bound] = found(
        tmp_path,
        [asked(number) for number in numbers],
        others() + [record(number) for record in (question, answer) for number in numbers],
    )
    low, high = bounds(bound)
    assert low <= SLOW <= high
    assert bound.exchanges == 5
    assert high - low <= 3 * MILLISECOND + MILLISECOND


def test_one_direction_is_enough(tmp_path: Path) -> None:
    exchanges = [asked(number) for number in range(3)]
    [bound] = found(tmp_path, exchanges, [question(number) for number in range(3)])
    low, high = bounds(bound)
    assert low <= SLOW <= high
    # Of three readings, a minute and 7 ms apart, the step of the clock shows no finer than that.
    assert bound.step == 60 * SECOND + 7 * MILLISECOND


def test_each_observation_domain_has_a_clock_of_its_own(tmp_path: Path) -> None:
    flows = [
        record(number, offset, observation_domain=domain)
        for record in (question, answer)
        for number in range(4)
        for domain, offset in ((1, SLOW), (2, 300 * MILLISECOND))
    ]
    flows += others(1) + others(2)
    first, second = found(tmp_path, [asked(number) for number in range(4)], flows)
    for bound, offset in ((first, SLOW), (second, 300 * MILLISECOND)):
        low, high = bounds(bound)
        assert low <= offset <= high <= low + 5 * MILLISECOND


SOMETHING_ELSE: dict[str, dict[str, Any]] = {
    "another port": {"src_port": 9},
    "another client": {"src_addr": "10.0.0.8"},
    "another server": {"dst_addr": "198.51.100.2"},
    "another protocol": {"protocol": TCP},
    "several packets": {"packets": 2},
    "no count of packets": {"packets": None},
    "no time": {"start": None},
    "no exact time": {"other": [{"element": "flowStartSysUpTime", "value": "5", "raw": b"\5"}]},
    "before it was sent": {"received": NOON - 2 * SECOND},
    "long after its end": {"received": NOON + 2 * 3600 * SECOND},
}


def test_a_record_that_may_be_of_something_else_bounds_nothing(tmp_path: Path) -> None:
    names = dict(enumerate(SOMETHING_ELSE.values(), start=1))
    exchanges = [asked(number) for number in range(len(names) + 1)]
    flows = [question(0), *(question(number, **changed) for number, changed in names.items())]
    [bound] = found(tmp_path, exchanges, flows)
    assert [seen.sent for seen in bound.seen] == [exchanges[0].sent]


def test_two_records_of_one_packet_at_one_point_bound_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, [asked()], [question(), question(start=NOON)]) == []


def test_a_router_that_meters_both_interfaces_tells_the_same_twice(tmp_path: Path) -> None:
    flows = [question(in_interface=1, direction=0), question(out_interface=2, direction=1), answer()]
    [bound] = found(tmp_path, [asked()], flows)
    low, high = bounds(bound)
    assert low <= SLOW <= high


def test_ends_used_again_within_the_hour_bound_only_what_came_before(tmp_path: Path) -> None:
    again = asked(10, client_port=PORT)
    flows = [question(0), answer(0), question(10, src_port=PORT), answer(10, dst_port=PORT)]
    [bound] = found(tmp_path, [asked(0), again], flows)
    assert bound.exchanges == 1
    low, high = bounds(bound)
    assert low <= SLOW <= high


@pytest.mark.parametrize("interval", [None, 100])
def test_a_sampler_may_scale_what_it_counts(tmp_path: Path, interval: int | None) -> None:
    flows = [question(packets=100, sampling_interval=interval)]
    assert len(found(tmp_path, [asked()], flows)) == (interval == 100)


def test_translated_addresses_are_followed(tmp_path: Path) -> None:
    """The question leaves as we sent it and is translated; the answer comes translated and is turned back."""
    flows = [
        question(nat_src_addr=NAT, nat_src_port=1024, nat_dst_addr=SERVER, nat_dst_port=NTP),
        answer(dst_addr=NAT, dst_port=1024, nat_dst_addr=US, nat_dst_port=PORT),
    ]
    [bound] = found(tmp_path, [asked()], flows)
    assert [seen.is_question for seen in bound.seen] == [True, False]


def translated(number: int, address: str = NAT, **changed: Any) -> list[dict[str, Any]]:
    """Both records as a router tells them on its outer side: the address is another, the port the same."""
    return [question(number, src_addr=address, **changed), answer(number, dst_addr=address, **changed)]


def test_an_address_that_half_of_our_questions_come_from_is_ours(tmp_path: Path) -> None:
    exchanges = [asked(number) for number in range(8)]
    flows = [record for number in (0, 2, 3, 5, 7) for record in translated(number)]
    [bound] = found(tmp_path, exchanges, [*others(), *flows])
    low, high = bounds(bound)
    assert low <= SLOW <= high <= low + 6 * MILLISECOND
    assert (bound.exchanges, len(bound.seen)) == (5, 10)


@pytest.mark.parametrize(
    "flows",
    [
        [record for number in (0, 3, 7) for record in translated(number)],
        [record for number in (0, 1, 6, 9) for record in translated(number)],
        [record for number in range(10) for record in translated(number, f"203.0.113.{number}")],
        [record for number in range(10) for record in translated(number, bytes=77)],
        [record for number in range(10) for record in translated(number, packets=2)],
    ],
    ids=["too few", "less than half", "from many addresses", "another length", "several packets"],
)
def test_an_address_that_may_be_of_others_is_not_ours(tmp_path: Path, flows: list[dict[str, Any]]) -> None:
    assert found(tmp_path, [asked(number) for number in range(10)], flows) == []


def test_what_is_learnt_of_one_router_holds_for_it_alone(tmp_path: Path) -> None:
    """Elsewhere the same address and ports may be anybody's."""
    flows = [record for number in range(6) for record in translated(number)]
    elsewhere = translated(0, exporter="192.0.2.99")
    assert [
        bound.exchanges for bound in found(tmp_path, [asked(n) for n in range(6)], flows + elsewhere)
    ] == [6]


def test_a_connection_counts_from_the_packet_that_opens_it(tmp_path: Path) -> None:
    """Records that the exporter cut off later have no SYN; without one, nothing says when they began."""
    connection = asked(protocol=TCP, server_port=443)
    opening = question(protocol=TCP, dst_port=443, tcp_flags=SYN | ACK, packets=40)
    later = opening | {"tcp_flags": ACK, "start": opening["start"] + 30 * SECOND}
    [bound] = found(tmp_path, [connection], [opening, later])
    low, high = bounds(bound)
    assert low <= SLOW <= high
    assert found(tmp_path / "cut", [connection], [later]) == []


@pytest.mark.parametrize("version", ["netflow5", "netflow9"])
def test_netflow_headers_of_whole_seconds_widen_the_bound_until_many_exchanges_narrow_it(
    tmp_path: Path, version: str
) -> None:
    """The header is cut to a second at another phase each time; a flow of 5 ms shows the uptime's step."""
    flows, exchanges = [], []
    for number in range(40):
        exchange = asked(number, sent=asked(number).sent + number * 111 * MILLISECOND)
        exchange = Exchange(**{**_dict(exchange), "received": exchange.sent + 20 * MILLISECOND})
        passed = exchange.sent + MILLISECOND
        exported = passed + 15 * SECOND
        shown = (exported + SLOW) // SECOND * SECOND - (exported - passed)
        exchanges.append(exchange)
        flows.append(question(number, start=shown, end=shown, protocol_version=version, received=exported))
    shown = NOON + SLOW
    flows.append(question(50, start=shown, end=shown + 5 * MILLISECOND, protocol_version=version))
    [bound] = found(tmp_path, exchanges, flows)
    low, high = bounds(bound)
    assert low <= SLOW <= high
    assert bound.step == 5 * MILLISECOND
    assert high - low < 200 * MILLISECOND


def test_a_distance_from_a_header_of_whole_seconds_is_as_coarse_as_that(tmp_path: Path) -> None:
    kept = [{"element": "flowStartDeltaMicroseconds", "value": "5", "raw": b"\5"}]
    delta, plain = (
        found(tmp_path / name, [asked()], [*others(), question(other=other)])[0]
        for name, other in (("delta", kept), ("plain", None))
    )
    assert delta.floors == plain.floors
    assert delta.ceilings[0].offset == plain.ceilings[0].offset + SECOND


def _dict(exchange: Exchange) -> dict[str, Any]:
    return {name: getattr(exchange, name) for name in exchange.__struct_fields__}


def test_an_exchange_in_which_our_own_clock_was_set_tells_nothing(tmp_path: Path) -> None:
    torn = asked(1, received=asked(1).sent - SECOND)
    [bound] = found(tmp_path, [asked(0), torn], [question(0), question(1)])
    assert bound.exchanges == 1


def test_our_own_error_widens_the_bound(tmp_path: Path) -> None:
    exact, wide = (
        found(tmp_path / str(bound), [asked(clock_bound=bound)], [question(), answer()])[0]
        for bound in (0, 50 * MILLISECOND)
    )
    assert wide.floors[0].offset == exact.floors[0].offset - 50 * MILLISECOND - 5_000
    assert wide.ceilings[0].offset == exact.ceilings[0].offset + 50 * MILLISECOND + 5_000


def test_only_exchanges_in_the_range_are_asked(tmp_path: Path) -> None:
    """The range is of our clock: the router's times, five minutes off, lie outside it."""
    numbers = range(3)
    flows = [record(number) for record in (question, answer) for number in numbers]
    just_one = TimeRange(asked(1).sent, asked(1).received)
    [bound] = found(tmp_path, [asked(number) for number in numbers], flows, just_one)
    assert bound.exchanges == 1
    assert found(tmp_path / "none", [asked()], flows, TimeRange(NOON + 9 * 60 * SECOND)) == []
