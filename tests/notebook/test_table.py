"""An answer as tables of other libraries."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.sample_lake import NOON, make_lake
from tidegauge.notebook.open_lake import OpenLake
from tidegauge.notebook.table import SHOWN_ROWS, Table

SOURCES = [f"10.0.0.{number}" for number in range(1, 31)]
FLOWS = [
    {"src_addr": source, "start": NOON + 1, "end": NOON + 2, "bytes": 100, "packets": 1, "user": "<John>"}
    for source in SOURCES
]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    make_lake(tmp_path / "lake", FLOWS)
    return OpenLake(tmp_path / "lake").flows(order="src_addr")


def test_a_table_is_a_sequence_of_rows(table: Table) -> None:
    assert len(table) == 30
    assert table[0]["src_addr"] == "10.0.0.1"
    assert {row["bytes"] for row in table} == {100}
    assert table.columns[0] == "received"
    assert repr(table).startswith("<Table of 30 rows: received, export_time, start,")


def test_arrow_has_real_times_and_numbers(table: Table) -> None:
    arrow = table.to_arrow()
    assert arrow.schema.field("start").type == pa.timestamp("ns", "UTC")
    assert arrow.schema.field("bytes").type == pa.uint64()
    assert arrow["start"][0].value == NOON + 1


def test_polars_pandas_and_duckdb_take_it(table: Table) -> None:
    assert table.to_polars()["bytes"].sum() == 3000
    assert pl.DataFrame(table).shape[0] == 30
    frame = table.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame["start"][0].value == NOON + 1
    connection = duckdb.connect()
    connection.register("flows", table.to_arrow())
    assert connection.execute("SELECT sum(bytes) FROM flows").fetchone() == (3000,)


def test_a_stream_may_be_taken_twice(table: Table) -> None:
    assert pa.table(table) == pa.table(table)


def test_no_rows_still_have_columns(tmp_path: Path) -> None:
    make_lake(tmp_path / "lake", FLOWS)
    empty = OpenLake(tmp_path / "lake").top("src_addr", filter="dst_port 9")
    assert empty.to_polars().columns == ["src_addr", "bytes", "packets", "flows"]


def test_a_notebook_shows_the_first_rows_with_nothing_live_in_them(table: Table) -> None:
    shown = table._repr_html_()
    assert shown.count("<tr>") == 1 + SHOWN_ROWS
    assert "&lt;John&gt;" in shown
    assert "<John>" not in shown
    assert f"{SHOWN_ROWS} of 30 rows" in shown
