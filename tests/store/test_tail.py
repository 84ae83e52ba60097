from __future__ import annotations

from pathlib import Path

from tidegauge.store.lock import FileLock
from tidegauge.store.tail import Tail, tails_in


def make_tail(tmp_path: Path, *names: str) -> Tail:
    tail = Tail(tmp_path / "writer")
    tail.folder.mkdir()
    for name in names:
        (tail.folder / name).touch()
    return tail


def test_a_set_counts_once_its_ledger_is_there(tmp_path: Path) -> None:
    tail = make_tail(
        tmp_path,
        "000000000001.flows.parquet",
        "000000000001.ledger.parquet",
        "000000000002.options.parquet",
        "000000000003.ledger.parquet",
        ".000000000004.ledger.parquet.partial",
        "counters.map",
    )
    first, third = tail.sets_after(0)
    assert (first.sequence, sorted(first.paths)) == (1, ["flows", "ledger"])
    assert (third.sequence, sorted(third.paths)) == (3, ["ledger"])


def test_absorbed_sets_are_left_out(tmp_path: Path) -> None:
    tail = make_tail(tmp_path, *(f"{number:012d}.ledger.parquet" for number in (9, 10, 11)))
    assert [found.sequence for found in tail.sets_after(9)] == [10, 11]


def test_the_next_number_is_above_what_was_never_committed(tmp_path: Path) -> None:
    tail = make_tail(tmp_path, "000000000005.flows.parquet")
    assert tail.sequence_after(absorbed=3) == 6
    assert tail.sequence_after(absorbed=8) == 9


def test_files_of_old_sets(tmp_path: Path) -> None:
    tail = make_tail(tmp_path, "000000000001.flows.parquet", "000000000002.flows.parquet", "lock")
    assert tail.files_through(1) == [tail.path(1, "flows")]


def test_a_vanished_tail_is_empty(tmp_path: Path) -> None:
    assert Tail(tmp_path / "none").sets_after(0) == []
    assert tails_in(tmp_path / "none") == []


def test_a_writer_in_the_making_is_not_listed(tmp_path: Path) -> None:
    tail, lock = Tail.create(tmp_path, "writer")
    (tmp_path / ".another").mkdir()
    assert [found.writer_id for found in tails_in(tmp_path)] == [tail.writer_id] == ["writer"]
    assert FileLock.exclusive_at_once(tail.lock_path) is None
    lock.release()
