from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.sample_lake import NOON, SECOND, Row, create_table
from tidegauge.clock.stretch import GRID
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.query.correction import COLUMNS, RELATION, corrected

MILLISECOND = 1_000_000
FAST = "192.0.2.9"
OFFSET = 300 * SECOND
STRETCH: dict[str, Any] = {
    "whose": FAST,
    "domain": 1,
    "version": "ipfix",
    "place": NOON // GRID,
    "since": NOON,
    "until": NOON + GRID,
    "first": OFFSET,
    "slope": 0.0,
    "below": 20 * MILLISECOND,
    "above": 230 * MILLISECOND,
    "quantum": SECOND,
    "delay": 3 * MILLISECOND,
    "began": 0,
    "ended": None,
    "former": None,
    "has_even_ages": False,
    "is_wrong": True,
    "was_wrong": False,
    "has_records": True,
}
RECORD: dict[str, Any] = {
    "received": NOON + 20 * SECOND,
    "start": NOON + 9 * SECOND + OFFSET,
    "end": NOON + 10 * SECOND + OFFSET,
    "exporter": FAST,
    "observation_domain": 1,
    "protocol_version": "ipfix",
    "bytes": 7,
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def read(
    connection: duckdb.DuckDBPyConnection, flow: Row, stretch: dict[str, Any] = STRETCH
) -> tuple[int | None, int | None, int | None, int | None]:
    """Start and end of a flow since noon in milliseconds, its correction and its bound in nanoseconds."""
    create_table(connection, "flows", [flow])
    connection.execute("ALTER TABLE flows RENAME TO reported")
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE {RELATION} ({columns})")
    values = stretch | {"whose": uuid_text(address_from_text(stretch["whose"]))}
    places = ", ".join(f"${name}" for name in COLUMNS)
    connection.execute(f"INSERT INTO {RELATION} VALUES ({places})", {name: values[name] for name in COLUMNS})
    sql = corrected([address_from_text(FAST).to_bytes(16, "big")])
    [(start, end, correction, bound)] = connection.execute(
        f'SELECT epoch_ns(start), epoch_ns("end"), clock_correction, clock_bound FROM ({sql})'
    ).fetchall()
    since_noon = [None if at is None else (at - NOON) // MILLISECOND for at in (start, end)]
    return since_noon[0], since_noon[1], correction, bound


def test_a_record_is_moved_by_the_offset_of_its_clock(connection: duckdb.DuckDBPyConnection) -> None:
    start, end, correction, bound = read(connection, RECORD)
    assert (start, end, correction) == (9_000, 10_000, OFFSET)
    gained = 11 * SECOND // 10_000
    assert bound == 230 * MILLISECOND + gained, "100 ppm since its first packet"


def test_an_offset_that_grows_is_taken_where_the_record_arrived(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    _, _, correction, _ = read(connection, RECORD, STRETCH | {"slope": 20e-6})
    assert correction == OFFSET + 400_000


@pytest.mark.parametrize(
    "change",
    [
        {"exporter": "192.0.2.1"},
        {"exporter": None},
        {"observation_domain": 2},
        {"protocol_version": "netflow9"},
        {"received": NOON - 1},
    ],
)
def test_what_no_stretch_is_about_stays_as_it_was_told(
    connection: duckdb.DuckDBPyConnection, change: dict[str, Any]
) -> None:
    start, end, correction, bound = read(connection, RECORD | change)
    assert (start, end) == (309_000, 310_000)
    assert correction is bound is None


def test_ages_are_counted_from_when_the_header_was_written(connection: duckdb.DuckDBPyConnection) -> None:
    header = NOON + 19 * SECOND + OFFSET
    aged = RECORD | {"export_time": header, "start": header - 5 * SECOND, "end": header - SECOND}
    start, end, correction, bound = read(connection, aged)
    assert (start, end) == (14_997, 18_997), "3 ms before it came"
    assert correction == header - (NOON + 20 * SECOND - 3 * MILLISECOND)
    assert bound == 247 * MILLISECOND


def test_ages_in_whole_seconds_go_with_the_clock(connection: duckdb.DuckDBPyConnection) -> None:
    header = NOON + 19 * SECOND + OFFSET
    aged = RECORD | {"export_time": header, "start": header - 5 * SECOND, "end": header - SECOND}
    _, end, correction, bound = read(connection, aged, STRETCH | {"has_even_ages": True})
    assert (end, correction, bound) == (18_000, OFFSET, 230 * MILLISECOND)


def test_a_header_that_the_clock_cannot_have_told_is_taken_by_its_arrival(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    aged = RECORD | {"export_time": NOON, "start": NOON - 5 * SECOND, "end": NOON - SECOND}
    _, end, _, bound = read(connection, aged)
    assert (end, bound) == (18_997, 250 * MILLISECOND)


def test_a_record_from_the_future_is_read_from_another_clock(connection: duckdb.DuckDBPyConnection) -> None:
    _, end, correction, _ = read(connection, RECORD | {"end": NOON + OFFSET + 21 * SECOND})
    assert (end, correction) == (321_000, None)


def test_times_of_records_wait_for_a_proof_of_their_own(connection: duckdb.DuckDBPyConnection) -> None:
    assert read(connection, RECORD, STRETCH | {"has_records": False})[2] is None


SET = STRETCH | {
    "first": 0, "began": NOON + 15 * SECOND, "ended": NOON + 14 * SECOND, "former": OFFSET,
    "is_wrong": False, "has_records": False, "was_wrong": True,
}  # fmt: skip


def test_what_ended_before_a_step_is_read_from_the_clock_before(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert read(connection, RECORD, SET)[1:3] == (10_000, OFFSET)


def test_what_ended_after_it_is_not(connection: duckdb.DuckDBPyConnection) -> None:
    after = {"start": NOON + 16 * SECOND, "end": NOON + 17 * SECOND}
    assert read(connection, RECORD | after, SET)[1:] == (17_000, None, None)


def test_what_began_before_it_tells_how_far_its_start_may_be_off(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    torn = {"start": NOON + 9 * SECOND + OFFSET, "end": NOON + 17 * SECOND}
    _, end, _, bound = read(connection, RECORD | torn, SET)
    assert end == 17_000
    assert bound is not None
    assert bound > OFFSET


def test_a_side_without_a_bound_leaves_none(connection: duckdb.DuckDBPyConnection) -> None:
    _, end, correction, bound = read(connection, RECORD, STRETCH | {"above": None})
    assert (end, correction, bound) == (10_000, OFFSET, None)
