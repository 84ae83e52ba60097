"""What is installed, and what all detectors together say of a whole day in the simulated office."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from typing import Any

import pytest

from tests.office_lake import MIDNIGHT, office_lake
from tests.traffic import SINCE, WHOLE, Flow, both_ways, flows_of, lake_of
from tests.trouble import LAPTOP, MATE, TROUBLE, days_before, everyday
from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.detectors import detector
from tidegauge.analysis.detectors.beacon import Beacon
from tidegauge.analysis.detectors.brute_force import BruteForce
from tidegauge.analysis.detectors.detector import Detector, installed_detectors
from tidegauge.analysis.detectors.dns_tunnel import DnsTunnel
from tidegauge.analysis.detectors.flood import Flood
from tidegauge.analysis.detectors.policy import PolicyViolation
from tidegauge.analysis.detectors.scan import Scan
from tidegauge.analysis.detectors.silent_exporter import SilentExporter
from tidegauge.analysis.detectors.upload import Upload
from tidegauge.analysis.detectors.volume import Volume
from tidegauge.analysis.finding import Evidence
from tidegauge.analysis.flows import flows
from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.lab.activity import DAY, HOUR
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

OURS = (Beacon, BruteForce, DnsTunnel, Flood, PolicyViolation, Scan, SilentExporter, Upload, Volume)

SCAN = f"tidegauge.analysis.detectors.scan:{Scan.__name__}"


def test_ours_are_installed_as_anybodys_would_be() -> None:
    detectors, failures = installed_detectors()
    assert "scan" in [found.name for found in detectors]
    assert failures == []


def install(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    """Let these entry points be all there are."""
    found = EntryPoints(EntryPoint(name, value, detector.GROUP) for name, value in points.items())
    monkeypatch.setattr(detector, "entry_points", lambda group: found.select(group=group))


def test_another_package_adds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, b=SCAN, a=SCAN)
    assert [type(found) for found in installed_detectors()[0]] == [Scan, Scan]


@pytest.mark.parametrize(
    ("value", "failure"),
    [
        (
            "nowhere:Nothing",
            "the detector x cannot be loaded: ModuleNotFoundError: No module named 'nowhere'",
        ),
        (
            "builtins:min",
            "the detector x cannot be loaded: TypeError: min expected at least 1 argument, got 0",
        ),
    ],
)
def test_one_that_cannot_be_loaded_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, value: str, failure: str
) -> None:
    install(monkeypatch, x=value, scan=SCAN)
    detectors, failures = installed_detectors()
    assert [found.name for found in detectors] == ["scan"]
    assert failures == [failure]


@pytest.mark.parametrize("ours", OURS)
def test_each_says_what_it_is_and_what_it_cannot_see(ours: type[Detector]) -> None:
    found = ours()
    assert found.title
    assert found.unseen.endswith(".")
    settings = getattr(found, "settings", None)
    assert is_dataclass(settings)
    assert fields(settings)
    assert settings.__dataclass_params__.frozen


@pytest.mark.parametrize("ours", OURS)
def test_each_is_told_of_in_the_pages(ours: type[Detector], root: Path) -> None:
    assert f"| `{ours().name}` |" in (root / "docs/how-to/find-what-is-wrong.md").read_text()


ENDS = ("src_addr", "dst_addr", "src_port", "dst_port")


def told(lake: Lake, name: str = "") -> list[dict[str, Any]]:
    """What the installed detector of a name, else all of them, find in the day from ``SINCE``."""
    found = [each for each in installed_detectors()[0] if name in ("", each.name)]
    since, until = text_from_instant(SINCE), text_from_instant(SINCE + DAY)
    answer = alerts(lake, Query(since=since, until=until), SINCE + DAY, found)
    assert answer.warnings == []
    return answer.data


def lake_with(path: Path, name: str, *exporters: str) -> Lake:
    trouble = TROUBLE[name]
    lake = lake_of(path, [*trouble.evidence, *trouble.beside, *everyday(MATE)], exporters)
    (lake.path / "policy.toml").write_text(trouble.policy)
    return lake


def test_there_is_trouble_for_each_that_is_installed() -> None:
    assert {*TROUBLE, "silent_exporter"} == set(entry_points(group=detector.GROUP).names)


@pytest.mark.parametrize("name", TROUBLE)
def test_the_evidence_opens_the_flows_that_made_the_finding_and_no_others(tmp_path: Path, name: str) -> None:
    (row,) = told(lake_with(tmp_path / "lake", name), name)
    evidence = Query(filter=row["filter"], since=row["since"], until=row["until"], top=0)
    opened = {
        (*(flow[end] for end in ENDS), instant_from_text(flow["start"]))
        for flow in flows(Lake.open(tmp_path / "lake"), evidence, SINCE).data
    }
    assert opened == {(*(getattr(flow, end) for end in ENDS), flow.start) for flow in TROUBLE[name].evidence}


@pytest.mark.parametrize("name", TROUBLE)
def test_two_routers_on_its_path_make_the_same_of_it_as_one(tmp_path: Path, name: str) -> None:
    one, two = (
        told(lake_with(tmp_path / str(len(routers)), name, *routers), name)
        for routers in (("192.0.2.1",), ("192.0.2.1", "192.0.2.2"))
    )
    assert len(one) == 1
    assert two == one


def test_everyday_work_makes_none(tmp_path: Path) -> None:
    work = [*everyday(LAPTOP), *everyday(MATE), *days_before()]
    assert told(lake_of(tmp_path / "lake", work)) == []


NIGHT = -6 * 3600  # three in the night; traffic counts its seconds from nine
THIEF, DROP, MAILER = "192.168.10.42", "198.51.100.77", "192.0.2.25"
ATTACKER, FILES = "203.0.113.99", "192.168.20.10"
POLICY = """
[[rule]]
name = "Mail leaves by the mail service"
action = "deny"
from = "home"
to = "outside"
ports = 25
"""


def day_of(lake: Lake) -> list[dict[str, Any]]:
    """What all of ours say about the office's day, in the order it happened."""
    since, until = text_from_instant(MIDNIGHT), text_from_instant(MIDNIGHT + DAY)
    answer = alerts(lake, Query(since=since, until=until), MIDNIGHT + DAY, [ours() for ours in OURS])
    assert answer.warnings == []
    return sorted(answer.data, key=lambda row: str(row["first_seen"]))


def attacks() -> list[Flow]:
    """Passwords tried as hydra does, 2 GB carried out, and mail sent past the mail service."""
    tries = [
        Flow(ATTACKER, FILES, 40_000 + n, 22, 6, WHOLE, 15, 3058, NIGHT + n * 33 / 40, 0.41)
        for n in range(40)
    ]
    theft = [
        Flow(THIEF, DROP, 50_000, 443, 6, WHOLE, 60_000, 80_000_000, NIGHT + 60 * n, 59.5) for n in range(25)
    ]
    mail = [Flow(THIEF, MAILER, 51_000 + n, 25, 6, WHOLE, 20, 9_000, 3600.0 * n, 2) for n in range(3)]
    # The laptop was here before: it has a history to compare with.
    before = [
        Flow(THIEF, "142.250.1.1", 52_000, 443, 6, WHOLE, 9, 90_000, -86_400.0 * n) for n in range(1, 8)
    ]
    return [
        flow for up in (*tries, *theft, *mail, *before) for flow in both_ways(up, up.packets // 2 + 1, 2900)
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_quiet_day_has_its_two_scans_and_nothing_else(tmp_path: Path, seed: int) -> None:
    night, morning = day_of(office_lake(tmp_path / "lake", seed=seed, earlier_days=7))
    assert (night["detector"], night["severity"], night["count"]) == ("scan", "high", 3000)
    assert (morning["detector"], morning["severity"], morning["count"]) == ("scan", "high", 720)
    assert instant_from_text(night["first_seen"]) == MIDNIGHT + 3 * HOUR


def test_on_the_first_day_nobody_can_tell_that_the_backup_is_usual(tmp_path: Path) -> None:
    backup, *scans = day_of(office_lake(tmp_path / "lake"))
    assert (backup["detector"], backup["severity"], backup["confidence"]) == ("upload", "medium", 0.3)
    assert backup["sentence"].startswith("192.168.20.10 sent 12 GB to ")
    assert [row["detector"] for row in scans] == ["scan", "scan"]


def test_attacks_are_found_among_a_days_work_and_nothing_else(tmp_path: Path) -> None:
    lake = office_lake(tmp_path / "lake", earlier_days=7, more=attacks())
    (lake.path / "policy.toml").write_text(POLICY)
    rows = day_of(lake)
    found = {row["detector"]: row for row in rows}
    assert sorted(row["detector"] for row in rows) == ["brute_force", "policy", "scan", "scan", "upload"]
    assert found["brute_force"]["sentence"] == (
        "203.0.113.99 began 40 short sessions to SSH at 192.168.20.10 within 33 seconds."
    )
    assert found["upload"]["sentence"].startswith(
        "192.168.10.42 sent 2.0 GB to 198.51.100.77 within 25 minutes"
    )
    assert found["policy"]["title"] == "Not allowed: Mail leaves by the mail service"
    for name, count in (("brute_force", 40), ("upload", 25), ("policy", 3)):
        row = found[name]
        since, until = (instant_from_text(row[end]) for end in ("since", "until"))
        assert flows_of(lake.path, Evidence(filter=row["filter"], since=since, until=until)) == count
