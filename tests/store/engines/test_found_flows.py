from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, Row, add_segment, make_lake
from tidegauge.flow.addresses import address_from_text
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake

ADDRESS = "192.0.2.1"
NUMBER = address_from_text(ADDRESS)
DEMAND = (("src_addr", "dst_addr"), ((NUMBER, NUMBER),))
ALL = "SELECT bytes, src_addr IS NULL, exporter IS NULL, observation_domain FROM flows ORDER BY ALL"


def lake_of(path: Path) -> Lake:
    def row(number: int, **more: str) -> Row:
        return {"received": NOON + number, "bytes": number, "exporter": "192.0.2.9", **more}

    lake = make_lake(path, [row(1, src_addr=ADDRESS), row(2, src_addr="192.0.2.2"), row(3)])
    add_segment(lake, "flows", [row(4, dst_addr=ADDRESS), row(5, dst_addr="192.0.2.2")])
    return lake


def test_flows_are_narrowed_for_a_while(tmp_path: Path) -> None:
    with lake_of(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        with engine.narrowed([DEMAND], ["bytes", "src_addr"]):
            assert engine.rows(ALL) == [(1, False, True, None), (4, True, True, None)]
            assert engine.rows("SELECT count(*) FROM flows") == [(2,)], "as often as they are read"
        assert engine.rows("SELECT count(*), count(exporter) FROM flows") == [(5, 5)]


def test_what_replaced_flows_has_the_columns_that_it_names(tmp_path: Path) -> None:
    with lake_of(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        engine.replace_flows("SELECT reported.* REPLACE (reported.bytes + 10 AS bytes) FROM reported")
        engine.replace_flows(
            f"SELECT reported.* REPLACE (CAST(epoch_ns(received) - {NOON} AS UINTEGER) AS observation_domain)"
            " FROM reported"
        )
        with engine.narrowed([DEMAND], []):
            assert engine.rows(ALL) == [(11, True, True, 1), (14, True, True, 4)]
        assert engine.rows("SELECT sum(bytes), sum(observation_domain) FROM flows") == [(65, 15)]


def test_files_that_are_left_out_are_not_searched(tmp_path: Path) -> None:
    with lake_of(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        first, second = sorted(engine.flow_files)
        engine.leave_out([first])
        with engine.narrowed([DEMAND], ["bytes"]):
            assert engine.rows("SELECT sum(bytes) FROM flows") == [(4,)]
        engine.leave_out([second])
        with engine.narrowed([DEMAND], ["bytes"]):
            assert engine.rows("SELECT count(*) FROM flows") == [(0,)]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    with lake_of(tmp_path / "lake").generation() as generation, Engine(generation) as engine:
        path = Path(sorted(engine.flow_files)[1])
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(LakeUnreadableError, match=path.name), engine.narrowed([DEMAND], ["bytes"]):
            engine.rows("SELECT sum(bytes) FROM flows")
