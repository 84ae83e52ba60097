from __future__ import annotations

from pathlib import Path

from tests.web.conftest import running
from tests.web.visitor import Visitor


def test_a_readable_lake_is_healthy(visitor: Visitor) -> None:
    assert visitor.get("/health").json == {"status": "ok"}


def test_no_lake_is_not(tmp_path: Path) -> None:
    with running(tmp_path / "nowhere") as visitor:
        reply = visitor.get("/health")
        assert (reply.status, reply.json) == (503, {"status": "no lake"})
        told = visitor.get("/api/v1/top", by="src_addr")
        assert (told.status, told.json["type"]) == (503, "urn:tidegauge:problem:lake")
