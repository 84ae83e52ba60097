from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.names.told import packed
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.unnamed import unnamed_addresses
from tidegauge.flow.addresses import text_from_address
from tidegauge.names.answer import host_of_pointer, site_of_answer
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.lake import Lake


def flow(far: str, amount: int, start: int = NOON) -> dict[str, object]:
    ports = {"src_port": 50_000, "dst_port": 443}
    return {
        "received": start,
        "start": start,
        "end": start,
        "src_addr": "10.0.0.1",
        "dst_addr": far,
        "bytes": amount,
        **ports,
    }


def asked(lake: Lake, limit: int = 10, **question: Any) -> list[str]:
    return [text_from_address(address) for address in unnamed_addresses(lake, Query(**question), NOON, limit)]


def test_the_far_ends_without_a_name_the_largest_first(tmp_path: Path) -> None:
    far = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]
    lake = make_lake(tmp_path / "lake", [flow(address, amount) for amount, address in enumerate(far)])
    site = site_of_answer("a.example", packed(far[3]), packed("10.0.0.1"), NOON)
    host = host_of_pointer("b.example", packed(far[1]), NOON)
    assert site
    assert host
    append(lake, [site, host], NOON)
    assert asked(lake) == ["192.0.2.3", "192.0.2.1"]
    assert asked(lake, limit=1) == ["192.0.2.3"]


def test_only_of_flows_in_the_range(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [flow("192.0.2.1", 1), flow("192.0.2.2", 1, NOON + 60 * SECOND)])
    assert asked(lake, since="2026-01-01T12:00:30Z") == ["192.0.2.2"]
    assert asked(lake, until="2026-01-01T12:00:30Z") == ["192.0.2.1"]
