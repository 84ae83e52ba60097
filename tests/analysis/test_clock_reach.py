from __future__ import annotations

from pathlib import Path

from tests.clocked_exporter import DECEMBER, HOUR, SECOND, ClockedExporter, clocked_lake
from tidegauge.analysis.clock_correction import NONE, corrections
from tidegauge.analysis.clock_reach import ANYWHERE, Reach, Reaches
from tidegauge.clock.timerange import TimeRange
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

FAST = ClockedExporter(address="192.0.2.2", version="ipfix", offsets=[(DECEMBER, 300 * SECOND)])
AGES = ClockedExporter(
    address="192.0.2.4",
    version="netflow9",
    offsets=[
        (DECEMBER, -300 * SECOND),
        (DECEMBER + 600 * SECOND, 7 * HOUR),
        (DECEMBER + 604 * SECOND, -300 * SECOND),
    ],
)


def test_no_flow_is_moved_farther_than_told(tmp_path: Path) -> None:
    for name, exporter in (("fast", FAST), ("ages", AGES)):
        lake, _ = clocked_lake(tmp_path / name, [exporter], hours=1.2)
        with lake.generation() as generation, Engine(generation) as engine:
            found = corrections(engine, lake, generation, TimeRange())
            reaches = Reaches(found, engine)
            found.apply(engine, None)
            moved = engine.rows(
                "SELECT epoch_ns(received), clock_correction FROM flows WHERE clock_correction IS NOT NULL"
            )
        assert moved
        widest = reaches.widest
        assert widest
        for received, correction in moved:
            reach = reaches.between(received, received)
            assert reach
            assert reach.least <= correction <= reach.most
            assert widest.least <= reach.least <= reach.most <= widest.most
        assert any(abs(correction) > HOUR for _, correction in moved) == (exporter is AGES)


def test_flows_are_not_moved_where_no_clock_was_wrong(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [FAST], hours=0.2)
    with lake.generation() as generation, Engine(generation) as engine:
        reaches = Reaches(corrections(engine, lake, generation, TimeRange()), engine)
        assert reaches.between(DECEMBER - HOUR, DECEMBER - 1) is None
        assert reaches.between(DECEMBER - HOUR, DECEMBER) == reaches.widest
        assert reaches.between(DECEMBER - 400 * HOUR, DECEMBER + 400 * HOUR) == reaches.widest
        assert reaches.between(None, None) == reaches.widest
        right = Reaches(NONE, engine)
        assert right.between(DECEMBER, DECEMBER) is None
        assert right.widest is None


def test_where_the_ledger_is_silent_nobody_knows_how_far(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [FAST], hours=0.2)
    with lake.generation() as generation, Engine(generation) as engine:
        found = corrections(engine, lake, generation, TimeRange())
    silent = Lake.create(tmp_path / "silent")
    with silent.generation() as generation, Engine(generation) as engine:
        assert Reaches(found, engine).widest == ANYWHERE


def test_both_are_within_what_is_joined() -> None:
    assert Reach(-5, 3).joined(Reach(1, 4)) == Reach(-5, 4)
