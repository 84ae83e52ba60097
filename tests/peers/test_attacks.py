"""Real attack tools against real servers, as softflowd tells of them: each is named, ordinary use is not."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.peers import attacks
from tests.peers.attacks import ATTACKER, OUTSIDE, PLAYED, SERVER
from tests.peers.softflowd import save
from tests.traffic import flows_of
from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.finding import Evidence
from tidegauge.app.file_import import ImportOrder, import_files
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

SCAN = ("scan", ATTACKER, SERVER)
FOUND = {
    "syn_scan": SCAN,
    "quick_connect_scan": SCAN,
    "udp_scan": SCAN,
    "polite_scan": SCAN,
    "host_sweep": ("scan", ATTACKER, "10.20.0.0"),
    "ping_sweep": ("scan", ATTACKER, "10.20.0.0"),
    "syn_flood": ("flood", ATTACKER, SERVER),
    "spoofed_flood": ("flood", SERVER, SERVER),
    "udp_flood": ("flood", ATTACKER, SERVER),
    "ssh_passwords": ("brute_force", ATTACKER, SERVER),
    "web_passwords": ("brute_force", ATTACKER, SERVER),
    "upload": ("upload", ATTACKER, OUTSIDE),
}
"""What is found of each that is played, who does it and to whom; the first of many victims."""
CLEAN = "browsing"


def imported(lake_path: Path, capture: Path) -> Lake:
    lake = Lake.create(lake_path)
    order = ImportOrder([capture], "::", is_one_session=False, ends_now=False)
    import_files(lake, order, time.time_ns())
    return lake


def findings(lake: Lake) -> list[dict[str, Any]]:
    answer = alerts(lake, Query(), time.time_ns())
    assert answer.warnings == []
    return answer.data


def told(rows: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(row["detector"], row["actor"], row["targets"][0]) for row in rows]


def test_everything_that_is_played_is_looked_at() -> None:
    assert {*FOUND, CLEAN} == set(PLAYED)


@pytest.mark.parametrize("name", FOUND)
def test_a_recorded_attack_is_named_with_who_did_it_to_whom(tmp_path: Path, name: str) -> None:
    lake = imported(tmp_path / "lake", attacks.unpack(name, tmp_path / "exports.pcap"))
    rows = findings(lake)
    assert told(rows) == [FOUND[name]]
    since, until = (instant_from_text(rows[0][end]) for end in ("since", "until"))
    assert flows_of(lake.path, Evidence(filter=rows[0]["filter"], since=since, until=until)) > 0


def test_recorded_ordinary_use_is_not_named(tmp_path: Path) -> None:
    assert findings(imported(tmp_path / "lake", attacks.unpack(CLEAN, tmp_path / "exports.pcap"))) == []


@pytest.mark.peers
@pytest.mark.parametrize("name", ["quick_connect_scan", "ssh_passwords", CLEAN])
def test_the_same_happens_live(tmp_path: Path, name: str) -> None:
    capture = tmp_path / "exports.pcap"
    save(attacks.play(name), capture)
    expected = [FOUND[name]] if name in FOUND else []
    assert told(findings(imported(tmp_path / "lake", capture))) == expected
