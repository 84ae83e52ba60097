from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.analysis.conftest import FLOWS, LEDGER
from tests.sample_lake import NOON, make_lake
from tidegauge.analysis.export import TABLE_NAMES, ExportOrder, export
from tidegauge.analysis.flows import flows
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


@pytest.fixture
def sample(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "lake", FLOWS, LEDGER)


def rows(path: Path) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(f"SELECT * REPLACE (epoch_ns(received) AS received) FROM '{path}'")
        kept = [
            name for name, kind in zip(found.columns, found.types, strict=True) if "TIME" not in str(kind)
        ]
        return [dict(zip(kept, row, strict=True)) for row in found.select(*kept).fetchall()]


def test_flows_are_those_that_are_listed(sample: Lake, tmp_path: Path) -> None:
    answer = export(sample, Query(filter="proto tcp"), ExportOrder(tmp_path / "f.parquet", "parquet"), NOON)
    [row] = rows(tmp_path / "f.parquet")
    [listed] = flows(sample, Query(filter="proto tcp"), NOON).data
    same = row.keys() & listed.keys() - {"received"}
    assert {"src_addr", "bytes_in_range", "src_mac", "other", "site_source"} <= same
    assert {name: row[name] for name in same} == {name: listed[name] for name in same}
    assert answer.data == []
    assert answer.filter == "protocol = tcp"


def test_as_stored(sample: Lake, tmp_path: Path) -> None:
    order = ExportOrder(tmp_path / "f.parquet", "parquet", as_stored=True)
    export(sample, Query(filter="proto tcp", duplicates="all"), order, NOON)
    [row] = rows(tmp_path / "f.parquet")
    assert str(row["src_addr"]) == "00000000-0000-0000-0000-ffff0a000001"
    assert "duration" not in row


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_every_table(sample: Lake, tmp_path: Path, table: str) -> None:
    path = tmp_path / "t.csv"
    export(sample, Query(since="2026-01-01", until="2026-01-02"), ExportOrder(path, "csv", table), NOON)
    lines = path.read_text().splitlines()
    assert ("minute" if table == "ledger" else "received") in lines[0]
    assert len(lines) - 1 == {"flows": len(FLOWS), "ledger": len(LEDGER)}.get(table, 0)


def test_a_range_without_rows(sample: Lake, tmp_path: Path) -> None:
    order = ExportOrder(tmp_path / "t.csv", "csv", "ledger")
    export(sample, Query(since="2027-01-01"), order, NOON)
    assert len((tmp_path / "t.csv").read_text().splitlines()) == 1


@pytest.mark.parametrize("order", [{"table": "ledger"}, {"table": "options", "as_stored": True}])
def test_what_goes_with_flows_only(sample: Lake, tmp_path: Path, order: dict[str, Any]) -> None:
    query = Query(filter="" if "as_stored" in order else "proto tcp")
    with pytest.raises(QuestionError, match="are for flows"):
        export(sample, query, ExportOrder(tmp_path / "t", "csv", **order), NOON)
