from __future__ import annotations

from tests.web.visitor import Visitor


def test_devices_without_a_time_server_are_told(visitor: Visitor) -> None:
    rows = visitor.get("/api/v1/time_devices").json["data"]
    assert [(row["address"], row["state"], row["sync"]) for row in rows] == [
        ("10.0.0.1", "never asks", "unknown"),
        ("10.0.0.2", "never asks", "unknown"),
    ]
