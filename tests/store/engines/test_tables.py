from __future__ import annotations

import duckdb
import pytest

from tidegauge.store.engines.tables import TABLES, empty_table


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_table_has_its_columns_and_no_rows(table: str) -> None:
    described = duckdb.execute(f"DESCRIBE {empty_table(table)}").fetchall()
    found = {name: sql_type for name, sql_type, *_ in described}
    assert {name: found[name].split("(")[0] for name in found} == {
        name: sql_type.split("(")[0] for name, sql_type in TABLES[table].items()
    }
    assert duckdb.execute(empty_table(table)).fetchall() == []
