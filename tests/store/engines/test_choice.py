from __future__ import annotations

from pathlib import Path

import pytest

from tests.clickhouse import DSN, served
from tests.sample_lake import NOON, make_lake
from tidegauge.store.engines.choice import engine_of
from tidegauge.store.engines.served import ServedEngine


@pytest.mark.parametrize("is_served", [True, False])
def test_the_lake_says_which_engine_answers(tmp_path: Path, is_served: bool) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 7}])
    with served(lake) as there, lake.generation() as generation:
        assert there.clickhouse == DSN
        with engine_of(generation, clickhouse=there.clickhouse if is_served else "") as engine:
            assert isinstance(engine, ServedEngine) is is_served
            assert engine.rows("SELECT sum(bytes) FROM flows") == [(7,)]
