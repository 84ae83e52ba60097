from __future__ import annotations

from pathlib import Path

from tests.analysis.test_sampling import HOUR, PLAN, ROUTER, session, told
from tests.sample_lake import NOON, add_segment, make_lake
from tidegauge.analysis.exporters import exporters
from tidegauge.analysis.sampling_history import Stretch, sampling_told
from tidegauge.analysis.sampling_plan import FILE_NAME
from tidegauge.query.question import Query
from tidegauge.query.sampling import EVER, FOREVER

ANNOUNCED = [told(0, samplingInterval=10), told(20, samplingInterval=30)]


def test_an_exporter_shows_who_told_its_sampling_and_when(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", (), [session(0), session(0, observation_domain=8)])
    add_segment(lake, "options", ANNOUNCED)
    own, other = exporters(lake, Query(), NOON + HOUR).data
    assert (own["sampling_interval"], own["sampling_source"]) == (30, "options")
    assert own["sampling_history"] == (
        "1 in 10 (options), from 2026-01-01T12:00:00Z until 2026-01-01T12:20:00Z;"
        " 1 in 30 (options), from 2026-01-01T12:20:00Z"
    )
    assert (other["sampling_interval"], other["sampling_source"], other["sampling_history"]) == (None,) * 3
    [then, _] = exporters(lake, Query(until="2026-01-01T12:10:00Z"), NOON + HOUR).data
    assert (then["sampling_interval"], then["sampling_source"]) == (10, "options")
    (lake.path / FILE_NAME).write_text(PLAN)
    stated = exporters(lake, Query(), NOON + HOUR).data[0]
    assert (stated["sampling_interval"], stated["sampling_source"]) == (1000, "statement")
    assert stated["sampling_history"].startswith(
        "1 in 1000 (statement); 1 in 100 (statement) interface 3 in,"
    )


def test_what_headers_say_changes_by_the_minute(tmp_path: Path) -> None:
    sessions = [session(minute, sampling_interval=100 if minute < 2 else 10) for minute in range(4)]
    lake = make_lake(tmp_path / "lake", (), sessions)
    [row] = exporters(lake, Query(), NOON + HOUR).data
    assert (row["sampling_interval"], row["sampling_source"]) == (10, "records")
    assert row["sampling_history"] == (
        "1 in 100 (records), from 2026-01-01T12:00:00Z until 2026-01-01T12:02:00Z;"
        " 1 in 10 (records), from 2026-01-01T12:02:00Z"
    )


def test_a_sampler_that_nobody_explained_is_no_interval(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", (), [session(0, sampling_interval=0)])
    [row] = exporters(lake, Query(), NOON).data
    assert (row["exporter"], row["sampling_interval"], row["sampling_source"]) == (ROUTER, None, "unknown")
    assert "name a sampler" in row["note"]


def test_parts_alone_have_no_interval_for_all() -> None:
    part = Stretch("options", b"", 7, 3, None, None, 50, EVER, FOREVER)
    assert sampling_told([part], 0) == {
        "sampling_interval": None,
        "sampling_source": "options",
        "sampling_history": "1 in 50 (options) sampler 3",
    }
