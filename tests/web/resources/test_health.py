from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.analysis.test_time_service import keep, record
from tests.sample_lake import SECOND
from tests.web.conftest import NOW, running
from tests.web.visitor import Visitor
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.store.lake import Lake


def test_a_readable_lake_is_healthy(visitor: Visitor) -> None:
    assert visitor.get("/health").json == {"status": "ok"}


@pytest.mark.parametrize(("age", "state"), [(60, "serving"), (61, "stopped")])
def test_the_time_server_is_no_reason_to_send_nobody_here(tmp_path: Path, age: int, state: str) -> None:
    lake = Lake.create(tmp_path)
    written = text_from_instant(NOW - age * SECOND)
    keep(lake, msgspec.structs.replace(record(), written=written))
    with running(lake.path) as visitor:
        reply = visitor.get("/health")
    assert (reply.status, reply.json) == (200, {"status": "ok", "time_server": state})


def test_no_lake_is_not(tmp_path: Path) -> None:
    with running(tmp_path / "nowhere") as visitor:
        reply = visitor.get("/health")
        assert (reply.status, reply.json) == (503, {"status": "no lake"})
        told = visitor.get("/api/v1/top", by="src_addr")
        assert (told.status, told.json["type"]) == (503, "urn:tidegauge:problem:lake")
