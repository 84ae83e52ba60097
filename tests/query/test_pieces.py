from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegauge.flow import spreading as definition
from tidegauge.query.measure import measures
from tidegauge.query.parameters import Parameters
from tidegauge.query.pieces import pieces
from tidegauge.query.ruler import Ruler

COUNT = 2**64 - 1
COLUMNS = "1 AS weight, 1 AS weight_ungrouped, 'x' AS k0, 7 AS x1, 8 AS v2"


def cut(start: int, end: int, marks: Ruler, since: str = "", until: str = "") -> list[tuple[int, ...]]:
    """The pieces of one flow: bucket, ends, counter, weight."""
    found, parameters = tuple(enumerate(measures(("bytes",)))), Parameters()
    life = f"CAST({start} AS BIGINT) AS lived_from, CAST({end} AS BIGINT) AS lived_to"
    flow = f"(SELECT {life}, CAST({COUNT} AS UBIGINT) AS m0, {COLUMNS})"
    sql = pieces(flow, marks, parameters, ["k0"], found, since=since, until=until)
    columns = "bucket, lived_from, lived_to, m0, weight, weight_ungrouped"
    return duckdb.execute(f"SELECT {columns} FROM ({sql}) ORDER BY bucket", parameters.values).fetchall()


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_pieces_are_the_shares_of_the_definition(start: int, length: int, step: int) -> None:
    found = cut(start, start + length, Ruler(step, 0))
    for bucket, begin, end, count, *_ in found:
        share = definition.share(COUNT, start, start + length, bucket * step, (bucket + 1) * step)
        assert count == share
        assert (begin, end) == (max(start, bucket * step), min(start + length, (bucket + 1) * step))
    assert sum(piece[3] for piece in found) == COUNT
    assert [piece[4] for piece in found] == [piece[5] for piece in found] == [1] + [0] * (len(found) - 1)


def test_uneven_buckets_cut_as_well() -> None:
    found = cut(5, 25, Ruler(10, 0, (0, 10, 19, 30)))
    assert [piece[:3] for piece in found] == [(0, 5, 10), (1, 10, 19), (2, 19, 25)]


def test_a_range_leaves_out_what_lies_outside() -> None:
    found = cut(0, 100, Ruler(10, 0), since="15", until="32")
    assert [piece[:3] for piece in found] == [(1, 15, 20), (2, 20, 30), (3, 30, 32)]
    assert sum(piece[3] for piece in found) == definition.share(COUNT, 0, 100, 15, 32)
