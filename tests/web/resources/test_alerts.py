from __future__ import annotations

from pathlib import Path

from tests.sample_lake import NOON, SECOND, make_lake
from tests.web.conftest import running
from tests.web.visitor import Visitor


def test_quiet_traffic_raises_none(visitor: Visitor) -> None:
    assert visitor.get("/api/v1/alerts").json["data"] == []


def test_a_scan_is_told_with_its_evidence(tmp_path: Path) -> None:
    lake = make_lake(
        tmp_path / "lake",
        [
            {
                "start": NOON + port * SECOND // 10,
                "end": NOON + port * SECOND // 10,
                "src_addr": "10.0.0.66",
                "dst_addr": "10.0.0.5",
                "src_port": 40000,
                "dst_port": port,
                "protocol": 6,
                "tcp_flags": 2,
                "packets": 1,
                "bytes": 60,
            }
            for port in range(1, 121)
        ],
    )
    with running(lake.path) as visitor:
        (alert,) = visitor.get("/api/v1/alerts").json["data"]
        evidence = {"filter": alert["filter"], "since": alert["since"], "until": alert["until"]}
        assert visitor.get("/api/v1/flows", **evidence, top="0").json["totals"]["flows"] == 120
    assert alert["sentence"] == "10.0.0.66 tried 120 ports of 10.0.0.5 within 12 seconds."
