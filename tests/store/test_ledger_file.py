from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.numbered_flows import NOON, batches
from tidegauge._core import SegmentWriter
from tidegauge.store.counters_map import LISTENER
from tidegauge.store.ledger_file import LedgerRow, ledger_totals, write_ledger, write_refused


def drained(path: Path, numbers: range, at: int, writer_id: str = "w") -> Path:
    """A ledger file as the core writes it."""
    [ledger] = [batch for batch in batches(numbers, at, writer_id) if batch.table == "ledger"]
    SegmentWriter("ledger").write([ledger], str(path))
    return path


def rows(path: Path, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {columns} FROM read_parquet(?) ORDER BY ALL", [str(path)]
        ).fetchall()


def test_rows_of_others_join_with_those_of_the_core(tmp_path: Path) -> None:
    [drain] = [batch for batch in batches(range(3), NOON, "w") if batch.table == "ledger"]
    sources = [drained(tmp_path / "1.parquet", range(3), NOON)]
    sources += [tmp_path / "refused.parquet", tmp_path / "kernel.parquet"]
    write_refused([drain], sources[1])
    write_ledger([LedgerRow(NOON, LISTENER, "w", {"lost_kernel": 5})], sources[2])
    joined = tmp_path / "joined.parquet"
    SegmentWriter("ledger").merge([str(source) for source in sources], str(joined))
    columns = "exporter IS NULL, epoch_ns(minute), records, stored, lost_write, lost_kernel, writer"
    assert rows(joined, columns) == [
        (False, NOON, 6, 3, 3, 0, "w"),
        (True, NOON, 0, 0, 0, 5, "w"),
    ]


def test_what_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="ledger file"):
        write_ledger([], tmp_path / "absent" / "ledger.parquet")


def test_nothing_but_the_file_is_left_behind(tmp_path: Path) -> None:
    write_ledger([], tmp_path / "it's empty.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["it's empty.parquet"]
    assert ledger_totals([str(tmp_path / "it's empty.parquet")], "w") == {}


def test_refused_flows_are_lost_and_not_stored(tmp_path: Path) -> None:
    ledgers = [batch for n in (3, 4) for batch in batches(range(n)) if batch.table == "ledger"]
    write_refused(ledgers, tmp_path / "refused.parquet")
    sums = rows(tmp_path / "refused.parquet", "sum(records), sum(stored), sum(lost_write)")
    assert sums == [(7, 0, 7)]


def test_totals_are_of_one_writer(tmp_path: Path) -> None:
    paths = [drained(tmp_path / f"{name}.parquet", range(3), NOON, name) for name in ("a", "b")]
    lost = LedgerRow(NOON, LISTENER, "a", {"lost_kernel": 5})
    write_ledger([lost], tmp_path / "kernel.parquet")
    totals = ledger_totals([str(path) for path in [*paths, tmp_path / "kernel.parquet"]], "a")
    assert totals[LISTENER]["lost_kernel"] == 5
    assert sum(counters["records"] for counters in totals.values()) == 3
    assert ledger_totals([], "a") == {}


def test_what_an_older_release_did_not_count_is_nothing(tmp_path: Path) -> None:
    now, before = drained(tmp_path / "now.parquet", range(3), NOON), tmp_path / "before.parquet"
    with duckdb.connect() as connection:
        source = connection.read_parquet(str(now))
        source.select(*(name for name in source.columns if name != "evicted_sessions")).write_parquet(
            str(before)
        )
    for paths in ([before], [before, now]):
        [totals] = ledger_totals([str(path) for path in paths], "w").values()
        assert (totals["records"], totals["evicted_sessions"]) == (3 * len(paths), 0)
