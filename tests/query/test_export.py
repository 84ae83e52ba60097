from __future__ import annotations

import random
from uuid import UUID

import duckdb
import pytest

from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.export import export_flows, export_table, in_file, text_macro
from tidegauge.query.question import Query

MAPPED = 0xFFFF << 32


def addresses() -> list[int]:
    """Of every shape: runs of zeros wherever they may be, IPv4 mapped, and its neighbours."""
    chance = random.Random(5952)
    groups = [[chance.choice([0, 0, 0, 1, 0x10, 0xABC, 0xFFFF]) for _ in range(8)] for _ in range(2_000)]
    numbers = [sum(group << 16 * place for place, group in enumerate(each)) for each in groups]
    mapped = [MAPPED, MAPPED + 0x0A000001, MAPPED + 0xFFFFFFFF]
    return [*numbers, *mapped, MAPPED - 1, MAPPED + 2**32, 0, 1, 2**128 - 1]


def test_addresses_are_written_as_everywhere_else() -> None:
    with duckdb.connect() as connection:
        connection.execute(text_macro())
        wanted = {
            str(UUID(int=number)): text_from_address(number.to_bytes(16, "big")) for number in addresses()
        }
        connection.execute("CREATE TABLE t AS SELECT unnest($1)::UUID AS a", [list(wanted)])
        found = connection.execute("SELECT a::VARCHAR, address_as_text(a) FROM t").fetchall()
        assert dict(found) == wanted
        assert connection.execute("SELECT address_as_text(NULL)").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("value", "type_", "text", "written"),
    [
        ("'\\xAB\\x01'::BLOB", "mac", False, "ab:01"),
        ("make_timestamp_ns(1500000001)::TIMESTAMPTZ_NS", "instant", True, "1970-01-01T00:00:01.500000001Z"),
        ("[{'element': 'x', 'value': '1', 'raw': '\\xAB'::BLOB}]", "elements", True,
         '[{"element":"x","value":"1","raw":"ab"}]'),
        ("NULL::STRUCT(element VARCHAR, value VARCHAR, raw BLOB)[]", "elements", True, None),
        ("5", "uint64", True, 5),
    ],
)  # fmt: skip
def test_values_in_files(value: str, type_: str, written: object, *, text: bool) -> None:
    with duckdb.connect() as connection:
        [(found,)] = connection.execute(f"SELECT {in_file(value, type_, text=text)}").fetchall()
    assert found == written


def test_a_folder_is_by_arrival() -> None:
    statement = export_flows(Query(), TimeRange(), as_stored=True, text=False, by="hour")
    assert statement.sql.index("strftime(received, '%Y-%m-%d') AS day") < statement.sql.index("'%H') AS hour")
    assert statement.lookups == ()
    assert "bytes_in_range" not in {column.name for column in statement.columns}


def test_another_table_is_cut_by_its_instant() -> None:
    statement = export_table("ledger", {"minute": "TIMESTAMPTZ_NS"}, "minute", TimeRange(1, 2), text=False)
    assert "epoch_ns(minute) >= $" in statement.sql
    assert "epoch_ns(minute) < $" in statement.sql
    assert list(statement.values.values()) == [1, 2]
