from __future__ import annotations

import duckdb
import pytest

from tests.sample_lake import NOON, create_table
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.grouping import Key
from tidegauge.query.parameters import Parameters
from tidegauge.query.source import Source, bounds
from tidegauge.query.statement import Column
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


def test_the_other_direction_of_a_record_tells_of_itself() -> None:
    record = {
        "received": NOON, "src_addr": "192.0.2.1", "dst_addr": "192.0.2.2", "in_interface": 3, "direction": 0,
        "bytes": 7, "retransmits": 1, "ttl": 64, "tcp_rtt": 9, "tos": 0,
        "reverse_bytes": 8, "reverse_retransmits": 2, "reverse_tos": 16,
    }  # fmt: skip
    fields = ("bytes", "retransmits", "ttl", "tcp_rtt", "tos", "direction", "in_interface", "out_interface")
    keys = tuple(Key(Column(name, ""), name) for name in fields)
    parameters = Parameters()
    source = Source(Anything(), *bounds(TimeRange(), parameters), keys, (), parameters)
    with duckdb.connect() as connection:
        create_table(connection, "flows", [record])
        columns = ", ".join(f"k{number}" for number in range(len(fields)))
        sql = f"WITH {source.inside()} SELECT {columns} FROM inside ORDER BY k0"
        assert connection.execute(sql, parameters.values).fetchall() == [
            (7, 1, 64, 9, 0, 0, 3, None),
            (8, 2, None, 9, 16, 1, None, 3),
        ]
