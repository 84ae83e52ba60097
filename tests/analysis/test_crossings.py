from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.test_clock_exchanges import header_clock
from tests.analysis.test_clock_sightings import headers, rows_of
from tests.analysis.test_passings import EXPORTER, US, answer, asked, others, question
from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.clock_pairs import ONE_PATH
from tidegauge.analysis.clocks import clocks
from tidegauge.analysis.crossings import Compared, compared_clocks
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.question import Query
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.exchanges import append
from tidegauge.store.lake import Lake

FAR = "192.0.2.10"
MILLISECOND = 1_000_000
NUMBERS = range(6)


def far(number: int, offset: int, record: Callable[..., dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """The same packet as a second router tells of it, 2 ms behind the first."""
    way = 2 * MILLISECOND if record is question else -2 * MILLISECOND
    told = record(number, offset, exporter=FAR, **changed)
    return told | {"start": told["start"] + way, "end": told["end"] + way}


def both(offset: int, near_offset: int = 0, **changed: Any) -> list[dict[str, Any]]:
    """What two routers tell of six questions, and answers, of a stranger."""
    found: list[dict[str, Any]] = []
    for record in (question, answer):
        found += [record(number, near_offset) for number in NUMBERS]
        found += [far(number, offset, record, **changed) for number in NUMBERS]
    return found


def stepping(exporter: str) -> list[Row]:
    """Flows of other people, which show that the clock tells milliseconds."""
    return [row | {"exporter": exporter} for row in others()]


def found(lake: Lake, time_range: TimeRange | None = None) -> list[Compared]:
    with lake.generation() as generation, Engine(generation) as engine:
        return compared_clocks(engine, time_range or TimeRange())


@pytest.mark.parametrize("offset", [300 * SECOND, -300 * SECOND])
def test_packets_of_anybody_compare_two_clocks(tmp_path: Path, offset: int) -> None:
    lake = make_lake(tmp_path, both(offset) + stepping(EXPORTER) + stepping(FAR))
    one, other = found(lake)
    assert (one.first.exporter, one.second.exporter, len(one.told)) == (EXPORTER, FAR, 6)
    assert (other.first.exporter, other.second.exporter) == (FAR, EXPORTER)
    for told in one.told:
        assert told.low <= offset <= told.high <= told.low + 7 * MILLISECOND
        assert NOON <= told.at <= told.arrival


@pytest.mark.parametrize(
    "changed",
    [
        {"sampling_interval": 10},  # its first packet may be any
        {"packets": 2},  # not the same packets
        {"src_port": 7},  # translated in between
        {"other": [{"element": "flowStartSysUpTime", "value": "1", "raw": b"1"}]},
    ],
)
def test_records_that_may_be_of_other_packets_say_nothing(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert found(make_lake(tmp_path, both(0, **changed))) == []


def test_a_key_that_was_used_twice_says_nothing(tmp_path: Path) -> None:
    again = [far(0, 0, question, received=NOON + 40 * SECOND)]
    [one, _] = found(make_lake(tmp_path, both(0) + again))
    assert len(one.told) == 5


def test_a_router_may_meter_a_packet_coming_in_and_going_out(tmp_path: Path) -> None:
    out = [far(number, 5 * MILLISECOND, question, direction=1) for number in NUMBERS]
    [one, _] = found(make_lake(tmp_path, both(0) + out + stepping(EXPORTER) + stepping(FAR)))
    assert len(one.told) == 6
    assert all(told.low <= 0 <= told.high <= told.low + 12 * MILLISECOND for told in one.told)


def test_only_the_last_minutes_of_the_range_are_compared(tmp_path: Path) -> None:
    lake = make_lake(tmp_path, both(0))
    [one, _] = found(lake, TimeRange(None, NOON + 100 * SECOND))
    assert len(one.told) == 2
    assert found(lake, TimeRange(NOON + 86_400 * SECOND, None)) == []


def test_a_clock_without_exchanges_of_ours_is_bounded_by_one_with_them(tmp_path: Path) -> None:
    """The far router was never asked through: strangers' packets pass both, ours only the near one."""
    strangers = [{**row, **_stranger(row)} for row in both(-300 * SECOND)]
    ours = [each(number, 0) for each in (question, answer) for number in NUMBERS]
    lake = make_lake(tmp_path / "lake", ours + strangers + stepping(EXPORTER) + stepping(FAR))
    append(lake, [asked(number) for number in NUMBERS], NOON)
    for exporter, offset in ((EXPORTER, 0), (FAR, -300 * SECOND)):
        add_segment(lake, "sightings", list(rows_of(headers(header_clock(offset), 600), exporter=exporter)))
    near, behind = clocks(lake, Query(), NOON + 3600 * SECOND).data
    assert near["method"] == "two-way (6 exchanges)"
    assert behind["method"] == f"on one path with {EXPORTER} (6 exchanges)"
    assert behind["offset_low"] <= -300 <= behind["offset_high"] <= behind["offset_low"] + 0.03
    assert ONE_PATH in behind["assumptions"]
    assert not any(assumed.startswith("delay") for assumed in behind["assumptions"])
    assert behind["state"] == "wrong"


def _stranger(row: Row) -> Row:
    address, port = ("src_addr", "src_port") if row["src_addr"] == US else ("dst_addr", "dst_port")
    return {address: "10.0.0.99", port: row[port] + 500, "bytes": 90}
