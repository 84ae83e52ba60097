from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest

from tests.sample_lake import NOON, SECOND, Row, create_table
from tidegauge.query.sampling import (
    ANNOUNCEMENTS,
    COLUMNS,
    FOREVER,
    IS_ANNOUNCED,
    REACH,
    RECORDS,
    RELATION,
    SHAPES,
    UNNAMED,
    Shape,
    resolved,
)
from tidegauge.store.engines.tables import empty_table

ROUTER = "00000000-0000-0000-0000-ffffc0000201"
MINUTE = 60 * SECOND
WAYS: tuple[tuple[dict[str, Any], int | None], ...] = (
    ({"samplingInterval": 100}, 100),
    ({"samplingAlgorithm": 2, "samplerRandomInterval": 50}, 50),
    ({"samplingPacketInterval": 1, "samplingPacketSpace": 499}, 500),
    ({"samplingPacketInterval": 2, "samplingPacketSpace": 3}, 3),  # 2.5: the nearest, of two the larger
    ({"samplingPacketInterval": 64}, 64),
    ({"samplingTimeInterval": 10, "samplingTimeSpace": 90}, 10),
    ({"samplingSize": 3, "samplingPopulation": 100}, 33),
    ({"samplingSize": 100, "samplingPopulation": 3}, 1),
    ({"samplingProbability": 0.004}, 250),
    ({"samplingProbability": 1e-300}, 2**32 - 1),
    ({"samplingInterval": 2**64 - 1}, 2**32 - 1),
    ({"samplingPacketInterval": 2**64 - 1, "samplingPacketSpace": 2**64 - 1}, 2),
    ({"samplingInterval": 0}, None),
    ({"samplingInterval": "many"}, None),
    ({"samplingPacketInterval": 0, "samplingPacketSpace": 0}, None),
    ({"samplingSize": 0, "samplingPopulation": 100}, None),
    ({"samplingProbability": 0}, None),
    ({"samplingProbability": "NaN"}, None),
    ({"interfaceName": "eth0"}, None),
)
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


def option(minute: int = 0, domain: int = 7, **told: object) -> Row:
    elements = [{"element": name, "value": str(value), "raw": b""} for name, value in told.items()]
    origin = {"received": NOON + minute * MINUTE, "exporter": "192.0.2.1", "observation_domain": domain}
    return {**origin, "scope": None, "other": elements}


def opened(options: Sequence[Row]) -> duckdb.DuckDBPyConnection:
    """A database with these options, and the relation ``sampling`` that follows."""
    connection = duckdb.connect()
    create_table(connection, "options", options)
    connection.execute(f"CREATE TABLE ledger AS {empty_table('ledger')}")
    connection.execute(f"CREATE TABLE {RELATION} ({COLUMNS})")
    connection.execute(f"INSERT INTO {RELATION} {ANNOUNCEMENTS}")
    return connection


def test_each_way_to_announce_it_is_understood() -> None:
    options = [option(domain=domain, **told) for domain, (told, _) in enumerate(WAYS, 1)]
    with opened(options) as connection:
        found = dict(connection.execute("SELECT observation_domain, sampled FROM sampling").fetchall())
    assert [found.get(domain) for domain in range(1, len(WAYS) + 1)] == [interval for _, interval in WAYS]


def test_announcements_of_anything_else_are_none() -> None:
    with opened([option(interfaceName="eth0")]) as connection:
        assert connection.execute(IS_ANNOUNCED).fetchone() == (False,)
    with opened([option(samplingInterval=1)]) as connection:
        assert connection.execute(IS_ANNOUNCED).fetchone() == (True,)


def test_repetitions_are_one_stretch() -> None:
    options = [option(minute, samplingInterval=10 if minute < 5 else 20) for minute in range(9)]
    change = NOON + 5 * MINUTE
    with opened(options) as connection:
        rows = connection.execute("SELECT sampled, since, until FROM sampling ORDER BY since").fetchall()
    assert rows == [(10, NOON - REACH, change), (20, change, FOREVER)]


def test_shapes_that_say_most_exactly_come_first() -> None:
    options = [
        option(samplingInterval=1),
        option(samplingInterval=1, ingressInterface=3),
        option(samplingInterval=1, ingressInterface=3, flowDirection=0),
        option(samplingInterval=1, samplerId=3),
        option(samplingInterval=1, samplerId=3, domain=8),
    ]
    with opened(options) as connection:
        shapes = [Shape.of(row).scopes[:-1] for row in connection.execute(SHAPES).fetchall()]
        numbers = connection.execute("SELECT sampler FROM sampling WHERE observation_domain = 8 ORDER BY 1")
        assert numbers.fetchall() == [(3,), (UNNAMED,)]
    assert shapes == [("sampler",), ("interface", "direction"), ("interface",), ()]


def test_a_flow_stays_one_row_whatever_is_known_of_it() -> None:
    options = [option(minute, samplingInterval=minute % 3 + 1, samplerId=minute % 2) for minute in range(9)]
    with opened(options) as connection:
        connection.execute(f"CREATE TABLE reported AS {empty_table('flows')}")
        exporter = "(SELECT any_value(exporter) FROM options) AS exporter, 7 AS observation_domain"
        received = f"make_timestamp_ns({NOON} + minute * {MINUTE}) AS received"
        flows = f"SELECT {received}, {exporter} FROM range(-70, 70) AS minutes(minute)"
        connection.execute(f"INSERT INTO reported BY NAME {flows}")
        shapes = [Shape.of(row) for row in connection.execute(SHAPES).fetchall()]
        assert connection.execute(f"SELECT count(*) FROM ({resolved(shapes)})").fetchone() == (140,)
