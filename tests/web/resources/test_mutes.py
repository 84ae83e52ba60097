from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tests.web.conftest import running
from tests.web.visitor import Visitor


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Visitor]:
    """A server over a lake with one scan."""
    rows = [
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
    ]
    with running(make_lake(tmp_path / "lake", rows).path) as visitor:
        yield visitor


def test_a_finding_is_muted_and_told_again(office: Visitor) -> None:
    (alert,) = office.get("/api/v1/alerts").json["data"]
    scope = {"finding": alert["fingerprint"], "reason": "a test"}
    reply = office.post("/api/v1/mutes", json.dumps(scope).encode())
    assert reply.status == 201
    mute = reply.json
    assert mute.items() >= scope.items()
    assert mute["made"] == "2026-01-01T12:01:00.000000000Z"
    assert office.get("/api/v1/mutes").json == [mute]
    answer = office.get("/api/v1/alerts").json
    assert (answer["data"], answer["totals"]) == ([], {"alerts": 0, "muted": 1})
    (hidden,) = office.get("/api/v1/alerts", muted="true").json["data"]
    assert hidden == {**alert, "muted_by": mute["id"]}

    gone = f"/api/v1/mutes/{mute['id']}"
    assert office.send("DELETE", gone, None, None).status == 204
    assert office.send("DELETE", gone, None, None).status == 404
    assert office.get("/api/v1/alerts").json["data"] == [alert]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"detecter": "scan"}', b'{"detector": 5}', b'{"about": "port 5"}']
)
def test_what_is_no_mute_is_refused(office: Visitor, body: bytes) -> None:
    reply = office.post("/api/v1/mutes", body)
    assert (reply.status, reply.json["type"]) == (400, "urn:tidegauge:problem:question")
    assert office.get("/api/v1/mutes").json == []
