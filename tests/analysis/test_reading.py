from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, make_lake
from tidegauge.analysis.flows import flows
from tidegauge.analysis.reading import Reading, time_range_of
from tidegauge.analysis.top import top
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.duplicates import RELATION
from tidegauge.query.error import FilterError, QuestionError
from tidegauge.query.question import Query
from tidegauge.query.statement import Statement
from tidegauge.store.lake import Lake


def test_a_reading_says_what_it_looked_at_and_warns(lake: Lake) -> None:
    with Reading(lake, Query(filter="tcp or udp and port 5", since="1h"), NOON) as reading:
        answer = reading.answer([], [])
    assert (answer.stats["rows"], answer.stats["files"]) == (3, 1)
    assert answer.stats["milliseconds"] > 0
    assert "binds tighter" in answer.warnings[0]
    assert answer.since == "2026-01-01T11:00:00.000000000Z"
    assert answer.completeness["reasons"] == {"lost_sequence": 1}


def test_a_wrong_filter_is_found_before_anything_is_opened(lake: Lake) -> None:
    with pytest.raises(FilterError):
        Reading(lake, Query(filter="prot 6"), NOON)


def test_words_become_a_range() -> None:
    assert time_range_of(Query(since="1s", until="now"), NOON) == TimeRange(NOON - 10**9, NOON)
    with pytest.raises(QuestionError, match="is no time"):
        time_range_of(Query(since="soon"), NOON)


SAME = {"src_addr": "10.0.0.1", "dst_addr": "198.51.100.1", "src_port": 5, "dst_port": 443, "protocol": 6}
TWICE = [
    {**SAME, "exporter": exporter, "start": NOON, "end": NOON, "bytes": 100, "packets": 1}
    for exporter in ("192.0.2.1", "192.0.2.2")
]
LEDGER = [
    {"minute": NOON, "exporter": row["exporter"], "observation_domain": 0, "stored": 1} for row in TWICE
]


def test_what_two_exporters_saw_is_counted_once_and_said(tmp_path: Path) -> None:
    two = make_lake(tmp_path / "lake", TWICE, LEDGER)
    answer = top(two, Query(by=("src_addr",)), NOON)
    assert answer.totals["bytes"] == 100
    [warning] = answer.warnings
    assert warning.startswith("1 flow keys were seen at several observation points and are counted at one")
    assert top(two, Query(by=("src_addr",), duplicates="all"), NOON).totals["bytes"] == 200


def test_duplicates_are_marked_where_they_are_shown(tmp_path: Path) -> None:
    two = make_lake(tmp_path / "lake", TWICE, LEDGER)
    shown = flows(two, Query(duplicates="all"), NOON).data
    assert [row["duplicate"] for row in shown] == [0, 1]
    assert [row["exporter"] for row in flows(two, Query(), NOON).data] == ["192.0.2.1"]


def test_duplicates_are_counted_once_or_all(lake: Lake) -> None:
    with pytest.raises(QuestionError, match="'once' or 'all'"):
        Reading(lake, Query(duplicates="twice"), NOON)


def test_each_exporter_is_asked_for_what_it_saw_itself(tmp_path: Path) -> None:
    two = make_lake(tmp_path / "lake", TWICE, LEDGER)
    assert [row["bytes"] for row in top(two, Query(by=("exporter",)), NOON).data] == [100, 100]
    assert top(two, Query(by=("src_addr",), filter="exporter 192.0.2.2"), NOON).totals["bytes"] == 100


def test_the_inventory_says_what_is_home(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [TWICE[0]])
    by_private_ranges = top(lake, Query(by=("src_addr",), metrics=("bytes_up",)), NOON)
    assert by_private_ranges.totals == {"bytes_up": 100}
    (lake.path / "names").mkdir(exist_ok=True)
    (lake.path / "names/inventory.toml").write_text('home = ["198.51.100.0/24"]\n')
    asked = Query(by=("src_addr",), metrics=("bytes_up", "bytes_down"))
    assert top(lake, asked, NOON).totals == {"bytes_up": 0, "bytes_down": 100}


def test_where_one_point_saw_all_nothing_is_searched_for_repeats(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", TWICE, LEDGER[:1])
    with Reading(lake, Query(), NOON) as reading:
        reading.tuples(Statement("SELECT 1", {}, (), (RELATION,)))
        assert reading.engine.rows(f"SELECT count(*) FROM {RELATION}") == [(0,)]
    assert [row["duplicate"] for row in flows(lake, Query(), NOON).data] == [0, 0]


def test_networks_of_the_inventory_are_macros(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [TWICE[0]])
    (lake.path / "names").mkdir(exist_ok=True)
    networks = '[networks]\nservers = ["198.51.100.0/24", "192.0.2.9"]\n'
    (lake.path / "names/inventory.toml").write_text(networks)
    answer = top(lake, Query(by=("src_addr",), filter="dst_port 443 and @servers"), NOON)
    assert answer.totals["bytes"] == 100
    assert answer.filter == "dst_port = 443 and addr in [198.51.100.0/24, 192.0.2.9]"
    assert flows(lake, Query(filter="not @home"), NOON).data == []
    with pytest.raises(FilterError, match="servers"):
        Reading(lake, Query(filter="@server"), NOON)
