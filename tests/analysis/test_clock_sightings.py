from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.clock_sightings import UPTIME, WALL, ClockKey, clock_epochs
from tidegauge.clock.sighting import sightings
from tidegauge.clock.timerange import TimeRange
from tidegauge.lab.header_clock import HeaderClock, irregular
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

EXPORTER = "192.0.2.9"
HOUR = 3600


def rows_of(
    stamps: Iterable[tuple[int, int]],
    quantum: int = SECOND,
    exporter: str = EXPORTER,
    clock: str = WALL,
    version: str = "ipfix",
) -> Iterator[Row]:
    """What the core writes of the headers with these arrivals and readings."""
    for seen in sightings(sorted(stamps)):
        yield {
            "received": max(seen.ahead_at, seen.behind_at),
            "exporter": exporter,
            "observation_domain": 1,
            "protocol_version": version,
            "clock": clock,
            "ahead_at": seen.ahead_at,
            "ahead": seen.ahead,
            "behind_at": seen.behind_at,
            "behind": seen.behind,
            "headers": seen.count,
            "quantum": quantum,
        }


def headers(clock: HeaderClock, seconds: float, rate: float = 2, seed: int = 1) -> list[tuple[int, int]]:
    """Arrivals and readings of a simulated clock's headers."""
    random = Random(seed)
    return list(clock.stamps(irregular(clock.origin, seconds, rate, random), random))


def lake_with(path: Path, *tables: Iterable[Row]) -> Lake:
    """A lake with sightings, a segment for each iterable."""
    lake = make_lake(path / "lake")
    for rows in tables:
        add_segment(lake, "sightings", list(rows))
    return lake


def test_sightings_of_all_segments_are_one_history(tmp_path: Path) -> None:
    clock = HeaderClock(origin=NOON, offset=300 * SECOND)
    stamps = headers(clock, 60)
    lake = lake_with(tmp_path, rows_of(stamps[60:]), rows_of(stamps[:60]))
    with lake.generation() as generation, Engine(generation) as engine:
        [(key, found)] = clock_epochs(engine, TimeRange()).items()
    [epoch] = found.epochs
    assert key == ClockKey(EXPORTER, 1, WALL)
    assert (epoch.began, epoch.headers) == (stamps[0][0], len(stamps))
    low, high = epoch.bounds_at(epoch.until)
    assert (low or 0) < 300 * SECOND < (high or 0)


def test_what_is_older_is_looked_at_more_coarsely_but_counted_whole(tmp_path: Path) -> None:
    clock = HeaderClock(origin=NOON, skew_ppm=30)
    stamps = headers(clock, 3 * HOUR, rate=0.1)
    lake = lake_with(tmp_path, rows_of(stamps))
    with lake.generation() as generation, Engine(generation) as engine:
        [found] = clock_epochs(engine, TimeRange()).values()
    [epoch] = found.epochs
    assert epoch.headers == len(stamps)
    assert epoch.seconds < len(stamps) / 2
    low, high = epoch.bounds_at(epoch.until)
    assert (low or 0) <= clock.offset_at(epoch.until) <= (high or 0)


def test_only_what_arrived_in_the_range_counts(tmp_path: Path) -> None:
    stamps = headers(HeaderClock(origin=NOON), 60)
    lake = lake_with(tmp_path, rows_of(stamps))
    with lake.generation() as generation, Engine(generation) as engine:
        [found] = clock_epochs(engine, TimeRange(NOON + 20 * SECOND, NOON + 40 * SECOND)).values()
        assert clock_epochs(engine, TimeRange(NOON + HOUR * SECOND, None)) == {}
    assert NOON + 20 * SECOND <= found.epochs[0].began < found.epochs[-1].until < NOON + 40 * SECOND


def test_each_clock_is_its_own_and_of_two_versions_the_later_counts(tmp_path: Path) -> None:
    stamps = headers(HeaderClock(origin=NOON), 30)
    later = headers(HeaderClock(origin=NOON + 60 * SECOND, offset=7 * SECOND), 30)
    up = [(arrival, reading - NOON + 5 * SECOND) for arrival, reading in stamps]
    lake = lake_with(
        tmp_path,
        rows_of(later, version="ipfix"),
        rows_of(stamps, version="netflow9"),
        rows_of(up, clock=UPTIME, version="netflow9"),
        rows_of(stamps, exporter="192.0.2.1"),
    )
    with lake.generation() as generation, Engine(generation) as engine:
        found = clock_epochs(engine, TimeRange())
    assert set(found) == {
        ClockKey(EXPORTER, 1, WALL),
        ClockKey(EXPORTER, 1, UPTIME),
        ClockKey("192.0.2.1", 1, WALL),
    }
    assert found[ClockKey(EXPORTER, 1, WALL)].epochs[0].began >= NOON + 60 * SECOND
