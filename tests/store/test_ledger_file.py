from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.numbered_flows import NOON, SECOND, batches
from tidegauge._core import SegmentWriter
from tidegauge.store.counters_map import LISTENER
from tidegauge.store.ledger_file import LedgerRow, join_ledger, ledger_totals, write_ledger, write_refused

MINUTE = 60 * SECOND


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


def test_rows_of_one_minute_become_one(tmp_path: Path) -> None:
    sources = [drained(tmp_path / f"{n}.parquet", range(n), NOON + n * SECOND) for n in (1, 2, 3)]
    sources.append(drained(tmp_path / "later.parquet", range(7), NOON + MINUTE))
    extent = join_ledger(sources, tmp_path / "joined.parquet")
    assert extent == (2, NOON, NOON + MINUTE)
    assert rows(tmp_path / "joined.parquet", "epoch_ns(minute), records, stored, writer") == [
        (NOON, 6, 6, "w"),
        (NOON + MINUTE, 7, 7, "w"),
    ]


def test_the_latest_state_and_the_tightest_clock_bounds_survive(tmp_path: Path) -> None:
    # Exported at NOON + n, arrived at the same instant: the header time minus arrival is 0 in each.
    sources = [drained(tmp_path / f"{n}.parquet", range(n), NOON + n * SECOND) for n in (2, 1)]
    join_ledger(sources, tmp_path / "joined.parquet")
    [(last, low, high)] = rows(tmp_path / "joined.parquet", "epoch_ns(last_received), clock_low, clock_high")
    singles = [rows(source, "clock_low, clock_high")[0] for source in sources]
    assert last == NOON + 2 * SECOND
    assert (low, high) == (max(low for low, _ in singles), min(high for _, high in singles))


def test_rows_of_different_writers_stay_apart(tmp_path: Path) -> None:
    sources = [drained(tmp_path / f"{name}.parquet", range(3), NOON, name) for name in ("a", "b")]
    assert join_ledger(sources, tmp_path / "joined.parquet").rows == 2


def test_joined_files_join_again(tmp_path: Path) -> None:
    join_ledger([drained(tmp_path / "1.parquet", range(3), NOON)], tmp_path / "once.parquet")
    join_ledger([tmp_path / "once.parquet"] * 2, tmp_path / "twice.parquet")
    assert rows(tmp_path / "twice.parquet", "records") == [(6,)]


def test_nothing_but_the_file_is_left_behind(tmp_path: Path) -> None:
    write_ledger([], tmp_path / "it's empty.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["it's empty.parquet"]
    assert join_ledger([tmp_path / "it's empty.parquet"], tmp_path / "joined.parquet") == (0, None, None)


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
