from __future__ import annotations

import duckdb
import msgspec

from tests.names.told import packed
from tidegauge.store.engines.rows import make_table

COLUMNS = {"address": "UUID", "name": "VARCHAR", "since": "BIGINT", "is_pinned": "BOOLEAN"}


class Row(msgspec.Struct):
    address: bytes | None
    name: str | None
    since: int


def test_dicts_and_structs_become_a_table() -> None:
    rows = [
        {"address": packed("192.0.2.1"), "name": 'it\'s "x"\n', "since": -(2**63) + 1, "is_pinned": True},
        Row(packed("2001:db8::1"), None, 2**63 - 1),
        Row(None, "", 0),
    ]
    with duckdb.connect() as connection:
        make_table(connection, "found", COLUMNS, rows)
        assert connection.execute(
            "SELECT CAST(address AS VARCHAR), * EXCLUDE address FROM found"
        ).fetchall() == [
            ("00000000-0000-0000-0000-ffffc0000201", 'it\'s "x"\n', -(2**63) + 1, True),
            ("20010db8-0000-0000-0000-000000000001", None, 2**63 - 1, None),
            (None, "", 0, None),
        ]


def test_no_rows_still_have_columns() -> None:
    with duckdb.connect() as connection:
        make_table(connection, "found", COLUMNS, [])
        described = connection.execute("DESCRIBE found").fetchall()
    assert {name: type_ for name, type_, *_ in described} == COLUMNS


def test_more_rows_than_are_written_at_once() -> None:
    with duckdb.connect() as connection:
        make_table(connection, "found", {"number": "BIGINT"}, ({"number": n} for n in range(20_000)))
        assert connection.execute("SELECT count(*), sum(number) FROM found").fetchone() == (
            20_000,
            199_990_000,
        )


def test_instants_are_nanoseconds_of_utc() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        make_table(connection, "found", {"told": "TIMESTAMPTZ_NS"}, [{"told": 1_767_268_800_000_000_001}, {}])
        assert connection.execute("SELECT epoch_ns(told) FROM found ORDER BY told").fetchall() == [
            (1_767_268_800_000_000_001,),
            (None,),
        ]
