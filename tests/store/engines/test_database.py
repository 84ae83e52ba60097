from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.store.engines.database import failure_told, files_sql, open_database, prepare
from tidegauge.store.errors import LakeUnreadableError


def test_a_file_is_found_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "o'clock.parquet"
    with open_database() as connection:
        connection.sql("SELECT 1 AS one").write_parquet(str(path))
        assert connection.execute(f"FROM {files_sql([str(path)])}").fetchall() == [(1,)]


def test_a_missing_file_is_told_as_the_lakes(tmp_path: Path) -> None:
    with open_database() as connection, pytest.raises(LakeUnreadableError), failure_told():
        connection.execute(f"FROM {files_sql([str(tmp_path / 'none.parquet')])}")


def test_times_are_universal() -> None:
    with open_database() as connection:
        prepare(connection)
        assert connection.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
