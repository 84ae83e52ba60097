from __future__ import annotations

from pathlib import Path

from tests.sample_lake import SECOND, make_lake
from tests.traffic import DAY, SINCE, Flow, activity_of
from tidegauge.analysis.activity import Activity

NEAR, AWAY = "10.1.2.17", "198.51.100.7"


def test_only_what_begins_in_the_range_counts(tmp_path: Path) -> None:
    seconds = (-1, 0, DAY - 1, DAY)
    flows = [Flow(NEAR, AWAY, 40000, 443, second=second, duration=10) for second in seconds]
    with activity_of(tmp_path / "lake", flows) as activity:
        assert activity.rows("SELECT count(*) FROM begun") == [(2,)]
        assert activity.rows("SELECT sum(flows_up) FROM contacts") == [(2,)]
        assert activity.since == SINCE


def test_sampling_is_multiplied_out_and_absent_counters_are_nothing(tmp_path: Path) -> None:
    ends = {"start": SINCE, "src_addr": NEAR, "dst_addr": AWAY, "protocol": 6, "dst_port": 443}
    rows = [{**ends, "bytes": 10, "sampling_interval": 100}, {**ends, "bytes": 2**64 - 1}, ends]
    lake = make_lake(tmp_path / "lake", rows)
    with lake.generation() as generation, Activity(lake, generation, SINCE, SINCE + SECOND) as activity:
        assert activity.rows("SELECT bytes_up, flows_up FROM contacts") == [(2.0**64, 3)]


def test_events_of_translations_are_no_activity(tmp_path: Path) -> None:
    ends = {"start": SINCE, "src_addr": NEAR, "dst_addr": AWAY, "protocol": 17, "dst_port": 443}
    lake = make_lake(tmp_path / "lake", [{**ends, "packets": 1, "bytes": 60}, {**ends, "nat_event": 4}])
    with lake.generation() as generation, Activity(lake, generation, SINCE, SINCE + SECOND) as activity:
        assert activity.rows("SELECT sum(flows_up) FROM contacts") == [(1,)]


def test_an_empty_lake_is_quiet(tmp_path: Path) -> None:
    with activity_of(tmp_path / "lake", []) as activity:
        assert activity.rows("SELECT count(*) FROM contacts") == [(0,)]
        assert activity.past.days == frozenset()


def test_who_held_an_address_can_be_asked(tmp_path: Path) -> None:
    with activity_of(tmp_path / "lake", []) as activity:
        activity.look_up("src_holder")
        assert activity.rows("SELECT count(*) FROM holders") == [(0,)]
        assert activity.folder == tmp_path / "lake"
