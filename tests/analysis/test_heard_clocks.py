from __future__ import annotations

import pytest

from tests.clocked_exporter import DECEMBER, HOUR, SECOND, ClockedExporter, clocked_lake
from tidegauge.analysis import clock_stretches as stretches_module
from tidegauge.analysis.clock_stretches import clock_stretches
from tidegauge.analysis.heard_clocks import Heard, HeardClock, heard_in, span_of
from tidegauge.clock.timerange import TimeRange
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

FIRST = DECEMBER // HOUR
FAST = ClockedExporter(address="192.0.2.2", version="ipfix", offsets=[(DECEMBER, 300 * SECOND)])
SET = ClockedExporter(
    address="192.0.2.4",
    version="netflow9",
    offsets=[(DECEMBER, 300 * SECOND), (DECEMBER + 3600 * SECOND, 100 * SECOND)],
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return clocked_lake(tmp_path_factory.mktemp("heard") / "lake", [FAST, SET], hours=2.2)[0]


def clock(exporter: ClockedExporter) -> HeardClock:
    number = int(exporter.address.rpartition(".")[2])
    return HeardClock(bytes.fromhex(f"00000000000000000000ffffc00002{number:02x}"), 1, exporter.version)


def heard(lake: Lake, asked: dict[int, frozenset[HeardClock]]) -> dict[int, Heard]:
    span = span_of(asked)
    with lake.generation() as generation, Engine(generation, span.since, span.until) as engine:
        return heard_in(engine, asked)


def test_hours_asked_about_together_tell_what_each_tells_alone(lake: Lake) -> None:
    both, one = frozenset({clock(FAST), clock(SET)}), frozenset({clock(SET)})
    asked = {FIRST: both, FIRST + 1: one, FIRST + 2: both}
    together = heard(lake, asked)
    assert together == {hour: heard(lake, {hour: keys})[hour] for hour, keys in asked.items()}
    assert [set(found.sightings) for found in together.values()] == [both, one, both]
    assert all(together[hour].sightings[clock(SET)] for hour in asked)
    assert clock(SET) in together[FIRST + 2].ages


def test_an_hour_tells_of_the_one_before_and_no_other(lake: Lake) -> None:
    keys = frozenset({clock(FAST)})
    for hour, found in heard(lake, {FIRST: keys, FIRST + 2: keys}).items():
        span = span_of([hour])
        assert span == TimeRange((hour - 1) * HOUR, (hour + 1) * HOUR)
        moments = [seen.ahead_at for seen, _ in found.sightings[clock(FAST)]]
        assert all((hour - 1) * HOUR <= moment < (hour + 1) * HOUR for moment in moments)
        assert {minute // HOUR for minute, _ in found.records[clock(FAST)]} <= {hour - 1, hour}
        assert found.records[clock(FAST)]


@pytest.mark.parametrize("most_rows", [0, 1_000_000])
def test_hours_are_asked_about_together_where_that_is_not_too_much(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, most_rows: int
) -> None:
    asked = list[list[int]]()

    def heard_and_noted(engine: Engine, hours: dict[int, frozenset[HeardClock]]) -> dict[int, Heard]:
        asked.append(list(hours))
        return heard_in(engine, hours)

    monkeypatch.setattr(stretches_module, "heard_in", heard_and_noted)
    monkeypatch.setattr(stretches_module, "MOST_ROWS_AT_ONCE", most_rows)
    for _ in range(2):  # the second time all is kept
        with lake.generation() as generation, Engine(generation) as engine:
            clock_stretches(engine, lake, generation, TimeRange())
    hours = [FIRST, FIRST + 1, FIRST + 2]
    assert asked == ([[hour] for hour in hours] if most_rows == 0 else [hours])
    for path in (lake.path / "clock_stretches").iterdir():
        path.unlink()
