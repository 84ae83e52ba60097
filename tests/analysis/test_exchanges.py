from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.conftest import ledger_row
from tests.analysis.test_passings import EXPORTER, SLOW, answer, asked, others, question
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.exchanges import exchanges
from tidegauge.query.question import Query
from tidegauge.store.exchanges import append
from tidegauge.store.lake import Lake

NUMBERS = range(30)
ANOTHER_TIME = "its headers tell another time than its records,"
HEADERS = {"clock_low": SLOW - SECOND, "clock_high": SLOW}


def lake_of(path: Path, flows: list[dict[str, object]], ledger: list[dict[str, object]]) -> Lake:
    lake = make_lake(path / "lake", flows, ledger)
    append(lake, [asked(number) for number in NUMBERS], NOON)
    return lake


def test_a_router_is_told_by_our_own_packets(tmp_path: Path) -> None:
    flows = others() + [record(number) for record in (question, answer) for number in NUMBERS]
    lake = lake_of(tmp_path, flows, [ledger_row(records=60, **HEADERS)])
    [row] = exchanges(lake, Query(), NOON + 3600 * SECOND).data
    assert row["exporter"] == EXPORTER
    assert row["offset_low"] <= SLOW / SECOND <= row["offset_high"] <= row["offset_low"] + 0.004
    told = {
        name: row[name] for name in ("exchanges", "packets_known", "packets_seen", "share_expected", "note")
    }
    assert told == {
        "exchanges": 30, "packets_known": 56, "packets_seen": 56, "share_expected": 1.0, "note": "",
    }  # fmt: skip
    assert row["export_delay"] == pytest.approx(15, abs=0.02)


def test_what_an_exporter_loses_itself_is_told_apart_from_what_the_way_lost(tmp_path: Path) -> None:
    flows = others() + [question(number) for number in NUMBERS if number % 2 == 0]
    lake = lake_of(tmp_path, flows, [ledger_row(records=90, lost_sequence=10, **HEADERS)])
    [row] = exchanges(lake, Query(), NOON).data
    assert row["share_expected"] == 0.9
    assert row["note"] == (
        "told of 13 of 27 packets of ours, where all were to be expected;"
        " 10.0% of what it sent was lost on the way to us"
    )


def test_a_sampler_that_says_so_is_believed(tmp_path: Path) -> None:
    flows = others() + [question(number, sampling_interval=2) for number in NUMBERS if number % 2 == 0]
    [row] = exchanges(lake_of(tmp_path, flows, []), Query(), NOON).data
    assert row["share_low"] <= row["share_expected"] == 0.5 <= row["share_high"]
    assert row["note"] == ""


def test_a_sampler_that_tells_more_than_it_says_is_found_out(tmp_path: Path) -> None:
    flows = others() + [question(number, sampling_interval=10) for number in NUMBERS]
    [row] = exchanges(lake_of(tmp_path, flows, []), Query(), NOON).data
    assert row["note"] == "told of 28 of 28 packets of ours, more than the 1 in 10 that it announces"


def test_a_clock_that_was_set_has_no_offset(tmp_path: Path) -> None:
    flows = others() + [question(number, SLOW if number < 15 else 0) for number in NUMBERS]
    [row] = exchanges(lake_of(tmp_path, flows, []), Query(), NOON).data
    assert (row["offset_low"], row["offset_high"]) == (None, None)
    assert row["note"].startswith("the exchanges exclude each other")


@pytest.mark.parametrize(
    ("headers", "note"),
    [
        (0, f"{ANOTHER_TIME} at least 300.0 s later"),
        (2 * SLOW, f"{ANOTHER_TIME} at least 299.7 s earlier if no datagram took longer than 250 ms"),
        (SLOW - SECOND // 5, ""),
    ],
)
def test_headers_that_tell_another_time_than_records_are_found_out(
    tmp_path: Path, headers: int, note: str
) -> None:
    flows = others() + [record(number) for record in (question, answer) for number in NUMBERS]
    ledger = [ledger_row(clock_low=headers, clock_high=headers)]
    [row] = exchanges(lake_of(tmp_path, flows, ledger), Query(), NOON).data
    assert row["note"] == note


def test_what_a_clock_was_hours_ago_does_not_contradict_what_it_is(tmp_path: Path) -> None:
    numbers = [0, 1, 200, 201]
    flows = others() + [question(number, SLOW if number < 2 else 0) for number in numbers]
    lake = make_lake(tmp_path / "lake", flows)
    append(lake, [asked(number) for number in numbers], NOON)
    [row] = exchanges(lake, Query(), NOON).data
    assert (row["exchanges"], row["note"]) == (4, "")
    assert row["offset_low"] <= 0 <= row["offset_high"]


def test_a_range_is_about_when_we_asked_however_wrong_the_clock(tmp_path: Path) -> None:
    flows = others() + [question(number, -86_400 * SECOND) for number in NUMBERS]
    lake = lake_of(tmp_path, flows, [])
    [row] = exchanges(lake, Query(since="2026-01-01T12:05", until="2026-01-01T12:10"), NOON).data
    assert row["exchanges"] == 5


def test_without_exchanges_there_is_nothing_but_a_hint(empty_lake: Lake) -> None:
    answer = exchanges(empty_lake, Query(), NOON)
    assert answer.data == []
    assert "exchanges ask" in answer.warnings[0]
