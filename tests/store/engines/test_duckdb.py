from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import duckdb
import msgspec
import pytest

from tests.sample_lake import NOON, add_segment, make_lake
from tidegauge.flow.addresses import network_from_text
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.errors import LakeUnreadableError, QuestionTooLargeError


def test_an_empty_lake_has_every_table(tmp_path: Path) -> None:
    with make_lake(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        for table in ("flows", "options", "sightings", "ledger"):
            assert engine.rows(f"SELECT count(*) FROM {table}") == [(0,)]
        assert engine.scanned.files == 0


def test_rows_of_all_segments_are_seen_and_files_out_of_range_are_not_opened(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"start": NOON, "end": NOON, "bytes": 1}])
    add_segment(lake, "flows", [{"start": NOON + 100, "end": NOON + 100, "bytes": 2}])
    with lake.generation() as generation:
        with Engine(generation) as engine:
            assert engine.rows("SELECT sum(bytes) FROM flows") == [(3,)]
            assert (engine.scanned.rows, engine.scanned.files) == (2, 2)
        with Engine(generation, since=NOON + 50) as engine:
            assert engine.rows("SELECT sum(bytes) FROM flows") == [(2,)]
            assert engine.scanned.files == 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [("10.255.255.255", True), ("11.0.0.0", False), ("172.32.0.1", False), ("192.168.1.1", True),
     ("fd00::1", True), ("2001:db8::1", False)],
)  # fmt: skip
def test_private_addresses_are_home(tmp_path: Path, address: str, expected: bool) -> None:
    lake = make_lake(tmp_path / "lake", [{"src_addr": address}])
    with lake.generation() as generation, Engine(generation) as engine:
        assert engine.rows("SELECT is_home(src_addr) FROM flows") == [(expected,)]


def test_home_can_be_configured(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"src_addr": "192.0.2.1", "dst_addr": "10.0.0.1"}])
    with lake.generation() as generation:
        with Engine(generation, home=[network_from_text("192.0.2.0/24")]) as engine:
            assert engine.rows("SELECT is_home(src_addr), is_home(dst_addr) FROM flows") == [(True, False)]
        with Engine(generation, home=[]) as engine:
            assert engine.rows("SELECT is_home(src_addr) FROM flows") == [(False,)]


def test_a_table_name_is_never_a_python_variable(tmp_path: Path) -> None:
    secret = duckdb.execute("SELECT 1")
    with (
        make_lake(tmp_path / "lake").generation() as generation,
        Engine(generation) as engine,
        pytest.raises(duckdb.CatalogException),
    ):
        engine.rows("SELECT * FROM secret")
    assert secret.fetchall() == [(1,)]


def without_pages(whole: bytes) -> bytes:
    """A Parquet file whose footer is sound and whose pages are not."""
    pages = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    return bytes(pages) + whole[pages:]


def without_magic(whole: bytes) -> bytes:
    """A file as long as it was, and no Parquet any more."""
    return whole[:-4] + bytes(4)


@pytest.mark.parametrize("damage", [without_magic, without_pages])
def test_a_damaged_file_is_told_with_its_path(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    lake = make_lake(tmp_path / "lake", [{"bytes": number} for number in range(100)])
    [path] = (lake.path / "segments").iterdir()
    path.write_bytes(damage(path.read_bytes()))
    with lake.generation() as generation, pytest.raises(LakeUnreadableError), Engine(generation) as engine:
        engine.rows("SELECT sum(bytes * 2) FROM flows")


def test_too_little_memory_is_told(tmp_path: Path) -> None:
    with make_lake(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        engine.rows("SET memory_limit = '1MB'")
        engine.rows("SET max_temp_directory_size = '1MB'")
        with pytest.raises(QuestionTooLargeError, match="shorten the range"):
            engine.rows("SELECT list(range) FROM range(10_000_000)")


def test_an_interrupted_question_interrupts(tmp_path: Path) -> None:
    with make_lake(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        later = Timer(0.2, signal.raise_signal, [signal.SIGINT])
        later.start()
        with pytest.raises(KeyboardInterrupt):
            engine.rows("SELECT count(*) FROM range(9_999_999) a, range(9_999_999) b WHERE a.range < b.range")


@pytest.mark.parametrize(
    ("sql", "mistake"),
    [("SELECT colour FROM flows", duckdb.BinderException), ("SELECT $x", duckdb.InvalidInputException)],
)
def test_a_wrong_statement_is_our_mistake(tmp_path: Path, sql: str, mistake: type[Exception]) -> None:
    with (
        make_lake(tmp_path / "lake").generation() as generation,
        Engine(generation) as engine,
        pytest.raises(mistake),
    ):
        engine.rows(sql)


def test_what_an_older_release_did_not_count_is_nothing(tmp_path: Path) -> None:
    row = {"minute": NOON, "records": 3, "malformed_limit": 1}
    lake = make_lake(tmp_path / "lake", ledger=[row])
    [file] = (lake.path / "segments").iterdir()
    with duckdb.connect() as connection:
        written = connection.read_parquet(str(file))
        kept = (name for name in written.columns if name != "malformed_bad_checksum")
        written.select(*kept).write_parquet(str(tmp_path / "older"))
    (tmp_path / "older").replace(file)
    known = msgspec.structs.replace(lake.manifest().segments[0], bytes=file.stat().st_size)
    lake.commit(lambda newest: msgspec.structs.replace(newest, segments=(known,)), NOON)
    for expected in ((3, 1, 0), (6, 2, 0)):
        with lake.generation() as generation, Engine(generation) as engine:
            sums = "sum(records), sum(malformed_limit + malformed_bad_checksum), sum(malformed_bad_checksum)"
            assert engine.rows(f"SELECT {sums} FROM ledger") == [expected]
        add_segment(lake, "ledger", [row])


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1")])
def test_a_file_that_is_not_as_it_was_written_is_left_out(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    lake = make_lake(tmp_path / "lake", [{"bytes": 1}])
    add_segment(lake, "flows", [{"bytes": 2}])
    damage(tmp_path / "lake/segments/0.flows.parquet")
    with lake.generation() as generation, Engine(generation) as engine:
        assert engine.rows("SELECT sum(bytes) FROM flows") == [(2,)]
        assert [Path(fault.segment.path).name for fault in engine.faults] == ["0.flows.parquet"]


def test_a_range_that_does_not_need_a_damaged_file_knows_nothing_of_it(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"bytes": 1, "received": NOON}])
    (tmp_path / "lake/segments/0.flows.parquet").unlink()
    with lake.generation() as generation, Engine(generation, since=NOON + 1) as engine:
        assert engine.faults == []


def test_flows_are_replaced_for_a_while(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 5}, {"received": NOON, "bytes": 7}])
    with lake.generation() as generation, Engine(generation) as engine:
        with engine.replaced_flows("SELECT * FROM reported WHERE bytes > 5"):
            assert engine.rows("SELECT bytes FROM flows") == [(7,)]
        assert engine.rows("SELECT sum(bytes) FROM flows") == [(12,)]
        engine.replace_flows("SELECT * FROM reported WHERE bytes < 7")
        assert engine.rows("SELECT bytes FROM flows") == [(5,)]
