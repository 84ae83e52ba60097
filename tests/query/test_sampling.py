from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tidegauge.query.sampling import COLUMNS, RECORDS, RELATION, SHAPES, Shape, resolved

ROUTER = "00000000-0000-0000-0000-ffffc0000201"
FLOWS = f"""
CREATE TABLE reported AS SELECT '{ROUTER}'::UUID AS exporter, 7::UINTEGER AS observation_domain,
    number, sampling_interval::UINTEGER AS sampling_interval, in_interface::UINTEGER AS in_interface,
    2::UINTEGER AS out_interface, 0::UTINYINT AS direction, received, received AS start, received AS "end",
    CAST(NULL AS STRUCT("element" VARCHAR, "value" VARCHAR, raw BLOB)[]) AS other
FROM (VALUES (1, NULL, 1, make_timestamp_ns(50)), (2, NULL, 9, make_timestamp_ns(50)),
    (3, 64, 1, make_timestamp_ns(50)), (4, NULL, 1, make_timestamp_ns(500)))
    AS flow(number, sampling_interval, in_interface, received)"""


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE {RELATION} ({COLUMNS})")
        connection.execute(FLOWS)
        yield connection


def say(database: duckdb.DuckDBPyConnection, source: str, sampled: int, **about: int) -> None:
    row = {"source": source, "exporter": ROUTER, "sampled": sampled, "since": 0, "until": 100} | about
    places = ", ".join(f"${name}" for name in row)
    database.execute(f"INSERT INTO {RELATION} ({', '.join(row)}) VALUES ({places})", row)


def intervals(database: duckdb.DuckDBPyConnection) -> list[int | None]:
    shapes = [Shape.of(row) for row in database.execute(SHAPES).fetchall()]
    found = database.execute(f"SELECT sampling_interval FROM ({resolved(shapes)}) ORDER BY number")
    return [sampled for (sampled,) in found.fetchall()]


def test_what_says_most_exactly_what_it_is_about_counts(database: duckdb.DuckDBPyConnection) -> None:
    say(database, "options", 1000)
    say(database, "options", 10, interface=1)
    assert intervals(database) == [10, 1000, 64, None], "and neither after its time"


def test_a_statement_goes_before_records_and_these_before_announcements(
    database: duckdb.DuckDBPyConnection,
) -> None:
    say(database, "options", 10, interface=1)
    assert intervals(database)[2] == 64
    say(database, "statement", 500)
    assert intervals(database) == [500, 500, 500, None]


def test_the_flows_stay_as_many_as_they_were(database: duckdb.DuckDBPyConnection) -> None:
    for interface in range(5):
        say(database, "options", 10, interface=interface)
        say(database, "options", 20, interface=interface, observation_domain=7)
    assert intervals(database) == [20, None, 64, None]


def test_what_records_say_is_known_by_the_minute(database: duckdb.DuckDBPyConnection) -> None:
    minute = 60_000_000_000
    database.execute(f"""
        CREATE TABLE ledger AS SELECT '{ROUTER}'::UUID AS exporter, 7::UINTEGER AS observation_domain,
            make_timestamp_ns(number * {minute}) AS minute, minute AS last_received,
            sampled::UINTEGER AS sampling_interval
        FROM (VALUES (0, 100), (1, 100), (2, 0), (3, 50)) AS noted(number, sampled)""")
    found = [row[6:8] for row in database.execute(f"{RECORDS} ORDER BY minute").fetchall()]
    assert found == [(100, 0), (50, 3 * minute)]
