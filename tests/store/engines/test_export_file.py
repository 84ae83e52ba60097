from __future__ import annotations

from functools import partial
from pathlib import Path

import duckdb
import pytest
from nanoarrow.ipc import InputStream

from tests.sample_lake import make_lake
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.export_file import FORMATS, write_file, write_folder

VALUES = {"p": 3}
SQL = "SELECT bytes, bytes % 2 AS odd FROM flows WHERE bytes < $p"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    lake = make_lake(tmp_path / "lake", [{"bytes": number} for number in range(5)])
    return Engine(lake.generation())


@pytest.mark.parametrize("format_name", [name for name in FORMATS if name != "arrow"])
def test_a_file_of_every_kind(engine: Engine, tmp_path: Path, format_name: str) -> None:
    path = tmp_path / f"it's.{format_name}"
    write_file(engine, SQL, VALUES, path, format_name)
    quoted = str(path).replace("'", "''")
    read = "read_json" if format_name == "ndjson" else f"read_{format_name}"
    found = duckdb.sql(f"SELECT bytes FROM {read}('{quoted}') ORDER BY bytes").fetchall()
    assert [int(number) for (number,) in found] == [0, 1, 2]


def test_an_arrow_stream(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "rows.arrow"
    write_file(engine, SQL, VALUES, path, "arrow")
    import nanoarrow  # noqa: PLC0415

    with InputStream.from_path(path) as stream:
        found = nanoarrow.ArrayStream(stream).read_all().to_pylist()
    assert sorted(row["bytes"] for row in found) == [0, 1, 2]


@pytest.mark.parametrize("format_name", ["parquet", "csv", "ndjson"])
def test_a_folder_of_values(engine: Engine, tmp_path: Path, format_name: str) -> None:
    write_folder(engine, SQL, VALUES, tmp_path / "rows", format_name, ["odd"])
    files = sorted(path.relative_to(tmp_path / "rows") for path in (tmp_path / "rows").rglob("*.*"))
    assert {path.parts[0] for path in files} == {"odd=0", "odd=1"}
    assert {path.suffix for path in files} == {f".{format_name}"}


@pytest.mark.parametrize("by", [(), ("odd",)])
def test_what_failed_leaves_nothing(engine: Engine, tmp_path: Path, by: tuple[str, ...]) -> None:
    sql = "SELECT error('no') AS odd, bytes FROM flows"
    write = partial(write_folder, by=by) if by else write_file
    with pytest.raises(duckdb.InvalidInputException, match="no"):
        write(engine, sql, {}, tmp_path / "rows", "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
