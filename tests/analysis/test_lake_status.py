from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.sample_lake import NOON, add_segment, make_lake
from tidegauge.analysis.lake_status import COLUMNS, lake_status
from tidegauge.store.copy_record import CopyFate, write_record
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.retention import apply_retention
from tidegauge.store.rollup import roll_up

DAY = 86_400 * 10**9


def parts(lake: Lake, now: int = NOON) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in lake_status(lake, now).data:
        assert list(row) == [column.name for column in COLUMNS]
        found.setdefault(row["part"], []).append(row)
    return found


def test_an_empty_lake(tmp_path: Path) -> None:
    answer = lake_status(make_lake(tmp_path / "lake"), NOON)
    [row] = answer.data
    assert (row["part"], row["files"], row["bytes"]) == ("lake", 0, 0)
    assert "format 4, generation 0" in row["note"]
    assert row["note"].endswith("everything is kept")
    assert answer.totals["free_bytes"] > 0


def test_segments_with_their_arrivals(tmp_path: Path) -> None:
    flows = [{"received": NOON, "bytes": 1}, {"received": NOON + DAY, "bytes": 2}]
    [row] = parts(make_lake(tmp_path / "lake", flows))["segments"]
    assert (row["table"], row["files"], row["rows"]) == ("flows", 1, 2)
    assert row["bytes_per_row"] == round(row["bytes"] / 2, 2)
    assert (row["oldest"][:10], row["newest"][:10]) == ("2026-01-01", "2026-01-02")


def test_what_went_and_what_goes_next(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    add_segment(lake, "flows", [{"received": NOON + DAY, "bytes": 1}])
    lake.retention = Retention(flows=DAY, bytes=10**9)
    due = lake_status(lake, NOON + 3 * DAY // 2)
    assert due.totals["due_rows"] == 1
    assert "1 rows go with the next upkeep" in due.data[-1]["note"]
    apply_retention(lake, NOON + 3 * DAY // 2)
    again = Lake.open(lake.path)
    [removed] = parts(again)["removed"]
    assert (removed["table"], removed["rows"]) == ("flows", 1)
    assert "2026-01-01T12:00:00.000000001Z" in removed["note"]
    answer = lake_status(again, NOON + 3 * DAY // 2)
    totals = answer.totals
    assert (totals["keep"], totals["keep_bytes"], totals["keep_ledger"]) == ("1d", 10**9, None)
    assert (totals["due_rows"], totals["next_removal_rows"]) == (0, 1)
    assert totals["next_removal"] == "2026-01-03T12:00:00.000000001Z"
    assert "--keep 1d --keep-bytes 1.00 GB; 1 rows go at 2026-01-03T12:00:00Z" in answer.data[-1]["note"]


def test_sums_are_told_with_and_without_their_flows(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    roll_up(lake, NOON + 2 * DAY, budget_bytes=1 << 30)
    flows, sums = parts(lake)["segments"]
    assert (sums["table"], sums["files"], sums["rows"]) == ("rollups", 1, flows["rows"])
    lake.retention = Retention(flows=DAY, rollups=7 * DAY)
    apply_retention(lake, NOON + 2 * DAY)
    found = parts(lake)
    assert "segments" not in found
    [past] = found["history"]
    assert (past["rows"], past["bytes"], past["oldest"]) == (1, sums["bytes"], sums["oldest"])
    [whole] = found["lake"]
    assert "--keep 1d --keep-rollups 1w" in whole["note"]
    assert whole["files"] == 1 + found["replaced"][0]["files"]


def test_damage_is_told(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    (lake.path / "segments/0.flows.parquet").unlink()
    answer = lake_status(lake, NOON)
    [row] = [row for row in answer.data if row["part"] == "damaged"]
    assert (row["rows"], row["note"].endswith("0.flows.parquet is missing")) == (1, True)
    assert answer.warnings == [
        "1 damaged files are left out of every answer; tidegauge lake verify tells what to do"
    ]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    lake.space.reserve_bytes = 10**18
    [warning] = lake_status(lake, NOON).warnings
    assert "new flows are refused and counted as lost" in warning


def test_kept_datagrams_are_told_with_what_was_lost(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    fates = [
        CopyFate(folder="x", datagrams=1234, lost_room=5),
        CopyFate(target="udp://192.0.2.7:9", keeps_source=False),
    ]
    write_record(lake, "udp://127.0.0.1:2055", fates, NOON)
    for listener in ("udp-127.0.0.1-2055", "udp-gone-1"):
        folder = lake.path / "raw" / listener
        folder.mkdir(parents=True)
        (folder / "2026-01-01T120000.000000000Z.pcapng.zst").write_bytes(bytes(70))
    running, gone = parts(lake)["raw"]
    assert (running["level"], running["files"], running["bytes"]) == ("udp-127.0.0.1-2055", 1, 70)
    assert running["oldest"] == "2026-01-01T12:00:00.000000000Z"
    assert running["note"] == (
        "1,234 datagrams kept, 5 lost since the start;"
        " 0 datagrams forwarded to udp://192.0.2.7:9, from our own address since the start"
    )
    assert gone["note"] == "nobody keeps more by now"
    assert parts(lake)["lake"][0]["bytes"] == 140
