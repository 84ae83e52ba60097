from __future__ import annotations

from pathlib import Path

from tests.analysis.test_time_service import keep, record
from tests.web.conftest import running
from tidegauge.store.lake import Lake


def test_the_api_tells_of_the_server(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path)
    keep(lake, record())
    with running(lake.path) as visitor:
        [row] = visitor.get("/api/v1/time_status").json["data"]
    assert (row["role"], row["state"], row["stratum"]) == ("server", "serving", 3)
