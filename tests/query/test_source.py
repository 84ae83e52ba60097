from __future__ import annotations

import duckdb
import pytest

from tests.sample_lake import NOON, create_table
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.parameters import Parameters
from tidegauge.query.source import Source, bounds
from tidegauge.query.syntax import Anything

LONG_AGO = NOON - 10 * MAX_FLOW_AGE


@pytest.mark.parametrize(
    ("flow", "lived"),
    [
        ({"start": NOON, "end": NOON + 5, "received": NOON + 9}, (NOON, NOON + 5)),
        ({"start": NOON, "received": NOON + 9}, (NOON, NOON)),
        ({"end": NOON, "received": NOON + 9}, (NOON, NOON)),
        ({"received": NOON}, (NOON, NOON)),
        ({"start": NOON + 5, "end": NOON}, (NOON + 5, NOON + 5)),
        ({"start": LONG_AGO, "end": NOON}, (NOON - MAX_FLOW_AGE, NOON)),
    ],
)
def test_where_a_flow_lived(flow: dict[str, int], lived: tuple[int, int]) -> None:
    parameters = Parameters()
    source = Source(Anything(), *bounds(TimeRange(), parameters), (), (), parameters)
    with duckdb.connect() as connection:
        create_table(connection, "flows", [flow])
        sql = f"WITH {source.inside()} SELECT lived_from, lived_to FROM inside"
        assert connection.execute(sql, parameters.values).fetchall() == [lived]


def test_open_ends_need_no_parameter() -> None:
    parameters = Parameters()
    assert bounds(TimeRange(None, 5), parameters) == ("", "CAST($p1 AS BIGINT)")
    assert parameters.values == {"p1": 5}
