from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.conftest import ledger_row
from tests.sample_lake import NOON, SECOND, add_segment, make_lake
from tidegauge.analysis.completeness import completeness, fault_sentences, sentence
from tidegauge.clock.timerange import TimeRange
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.retention import apply_retention

DAY = 86_400 * SECOND


def complete(path: Path, *rows: dict[str, Any], until: int | None = None) -> dict[str, Any]:
    with make_lake(path / "lake", ledger=rows).generation() as generation, Engine(generation) as engine:
        return completeness(engine, TimeRange(None, until))


def test_nothing_lost_is_complete(tmp_path: Path) -> None:
    found = complete(tmp_path, ledger_row(stored=5))
    nothing = dict.fromkeys(("lost_records", "lost_records_error", "lost_upstream"), 0)
    assert found == {"fraction": 1.0, **nothing, "reasons": {}}
    assert sentence(found) == ""


def test_an_empty_ledger_knows_of_no_loss(tmp_path: Path) -> None:
    assert complete(tmp_path)["fraction"] == 1.0


def test_records_lost_on_three_ways_enter_the_fraction(tmp_path: Path) -> None:
    found = complete(tmp_path, ledger_row(stored=94, lost_sequence=1, lost_queue=2, lost_write=3))
    assert found["fraction"] == 0.94
    assert found["lost_records"] == 6
    assert sentence(found).startswith("incomplete: 94.000 % of the records")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ledger_row(stored=5, protocol_version="netflow9", lost_sequence=2), {"lost_sequence_datagrams": 2}),
        (ledger_row(stored=5, lost_no_template=2), {"lost_no_template": 2}),
        (ledger_row(stored=5, lost_kernel=2), {"lost_kernel": 2}),
        (ledger_row(stored=5, malformed_limit=1, malformed_short_header=1), {"malformed": 2}),
        (
            ledger_row(stored=5, told_unsent_flows=1, told_unsent_packets=9, told_dropped_packets=3),
            {"told_unsent_flows": 1, "told_unsent_packets": 9, "told_dropped_packets": 3},
        ),
        (ledger_row(stored=5, told_ignored_packets=4, told_exported_flows=6), {"told_ignored_packets": 4}),
    ],
)
def test_what_cannot_be_counted_in_records_makes_it_an_upper_bound(
    tmp_path: Path, row: dict[str, Any], reason: dict[str, int]
) -> None:
    found = complete(tmp_path, row)
    assert (found["fraction"], found["lost_records"], found["reasons"]) == (1.0, 0, reason)
    assert "at most 100.000 %" in sentence(found)


SIZED = {"datagrams": 10, "records": 100, "stored": 100, "record_squares": 1040}
"""Ten datagrams of ten records each, two more or less."""


def test_records_in_lost_datagrams_are_estimated(tmp_path: Path) -> None:
    found = complete(
        tmp_path, ledger_row(**SIZED, protocol_version="netflow9", lost_sequence=10, lost_upstream=4)
    )
    assert (found["fraction"], found["lost_records"], found["lost_upstream"]) == (0.5, 100, 40)
    assert found["lost_records_error"] == 18, "1.96 * (10 * 4 + 10 * 10 * 4 / 10) ** 0.5"
    assert sentence(found) == (
        "incomplete: about 50.000 % of the records known to be sent are here; 10 datagrams missing by"
        " sequence number, about 100 records lost in all, give or take 18, at least 40 of them before they"
        " came here"
    )


def test_drops_of_the_kernel_are_counted_once(tmp_path: Path) -> None:
    """Where a sequence number told of them they are in it, and those of the end are estimated."""
    listener = {"exporter": None, "port": None, "observation_domain": None, "protocol_version": None}
    found = complete(
        tmp_path,
        ledger_row(**SIZED, lost_sequence=50),
        ledger_row(**listener, lost_kernel=7, shown_kernel=5),
    )
    assert found["lost_records"] == 50 + 2 * 10
    assert found["reasons"] == {"lost_kernel": 7, "lost_sequence": 50}
    assert "at most" not in sentence(found)


def test_each_listener_misses_its_own_datagrams(tmp_path: Path) -> None:
    listener = {"exporter": None, "port": None, "observation_domain": None, "protocol_version": None}
    small = {"datagrams": 10, "records": 10, "stored": 10, "record_squares": 10}
    rows = [ledger_row(**SIZED, writer="a"), ledger_row(**small, writer="b")]
    found = complete(tmp_path, *rows, ledger_row(**listener, writer="b", lost_kernel=3))
    assert (found["lost_records"], found["lost_records_error"]) == (3, 0)


def test_what_came_late_after_all_is_not_missing(tmp_path: Path) -> None:
    found = complete(tmp_path, ledger_row(stored=10, lost_sequence=5), ledger_row(found_sequence=5))
    assert (found["fraction"], found["reasons"]) == (1.0, {})


def test_exporters_that_number_otherwise_than_their_protocol_are_of_the_other_kind(tmp_path: Path) -> None:
    odd = {"lost_sequence": 20, "lost_otherwise": 20, "protocol_version": "netflow9"}
    found = complete(tmp_path, ledger_row(**SIZED, **odd))
    assert (found["lost_records"], found["reasons"]) == (20, {"lost_sequence": 20})


def test_losses_outside_the_range_do_not_matter(tmp_path: Path) -> None:
    assert complete(tmp_path, ledger_row(lost_write=3), until=NOON)["reasons"] == {}


def test_flows_of_the_range_that_arrived_outside_it_bring_their_losses(tmp_path: Path) -> None:
    flow = {"received": NOON + 5 * SECOND, "start": NOON - 600 * SECOND, "end": NOON - 540 * SECOND}
    lake = make_lake(tmp_path / "lake", [flow], [ledger_row(stored=1, lost_sequence=1)])
    then = TimeRange(NOON - 600 * SECOND, NOON - 590 * SECOND)
    before = TimeRange(NOON - 700 * SECOND, NOON - 600 * SECOND)
    with lake.generation() as generation, Engine(generation) as engine:
        assert completeness(engine, then, is_of_flows=True)["fraction"] == 0.5
        assert completeness(engine, before, is_of_flows=True)["fraction"] == 1.0
        assert completeness(engine, then)["fraction"] == 1.0


def removed_lake(path: Path) -> Lake:
    """A lake with one flow left; two that arrived a day before were removed."""
    flows = [{"received": NOON - DAY, "bytes": 1}, {"received": NOON - DAY, "bytes": 1}]
    ledger = [ledger_row(stored=2, minute=NOON - DAY), ledger_row(stored=1)]
    lake = make_lake(path / "lake", flows, ledger)
    add_segment(lake, "flows", [{"received": NOON, "bytes": 1}])
    lake.retention = Retention(flows=DAY // 2)
    apply_retention(lake, NOON)
    return lake


@pytest.mark.parametrize(
    ("since", "until", "fraction", "removed"),
    [
        (NOON - 2 * DAY, None, 1 / 3, 2),
        (NOON - 2 * DAY, NOON - DAY // 2, 0.0, 2),
        (None, None, 1.0, 2),
        (NOON - DAY // 2, None, 1.0, None),
    ],
)
def test_what_retention_removed_is_told_where_it_is_missed(
    tmp_path: Path, since: int | None, until: int | None, fraction: float, removed: int | None
) -> None:
    with removed_lake(tmp_path).generation() as generation, Engine(generation) as engine:
        found = completeness(engine, TimeRange(since, until), is_of_flows=True)
    assert found["fraction"] == pytest.approx(fraction)
    assert found["reasons"].get("removed") == removed
    assert found["lost_records"] == 0
    is_told = "flows that arrived before 2025-12-31T12:00:00.000000001Z were removed by retention"
    assert (is_told in sentence(found)) == (removed is not None)


def test_what_stands_in_damaged_files_is_lost(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}], [ledger_row(stored=4)])
    (lake.path / "segments/0.flows.parquet").unlink()
    with lake.generation() as generation, Engine(generation) as engine:
        found = completeness(engine, TimeRange(), is_of_flows=True)
        [told] = fault_sentences(engine.faults)
    assert (found["fraction"], found["lost_records"], found["reasons"]) == (0.75, 1, {"unreadable": 1})
    assert sentence(found).endswith("1 records in damaged files")
    assert "0.flows.parquet is missing and is left out, with 1 rows of flows that arrived from 2026" in told
    assert told.endswith("tidegauge lake verify tells what to do")


@pytest.mark.parametrize(("upstream", "told"), [(1, "at least 1 of them"), (2, "all of them")])
def test_people_are_told_how_much_was_lost_before_it_came_here(upstream: int, told: str) -> None:
    found = {"fraction": 0.5, "lost_records": 2, "reasons": {"lost_sequence": 2}, "lost_upstream": upstream}
    assert sentence(found).endswith(f"2 records missing by sequence number, {told} before they came here")
