from __future__ import annotations

import json
import time
from pathlib import Path

import msgspec
import pytest

from tests.analysis.test_time_service import keep, record
from tests.ntp.test_polling import honest, lying, time_server
from tidegauge.cli.main import run
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.ntp import polling as polling_module
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import JudgementWriter

SECOND = 10**9


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> list[OwnClock]:
    """What chrony and the kernel of this machine say; nothing, until a test decides."""
    told: list[OwnClock] = []
    monkeypatch.setattr(polling_module, "local_judges", lambda: told)
    return told


def status(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[dict[str, object]], str]:
    assert run(["time", "status", "--format", "json", *arguments]) == 0
    printed = capsys.readouterr()
    return json.loads(printed.out), printed.err


def test_a_clock_that_nobody_keeps_is_unsynchronised(
    others: list[OwnClock], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [row], warning = status(capsys, "--lake", str(tmp_path))
    assert (row["clock"], row["state"], row["synchronised"]) == ("this machine", "unsynchronised", False)
    assert (row["source"], row["bound_seconds"], row["offset_low"]) == ("none", None, None)
    assert "nobody keeps this clock right" in warning
    others.append(OwnClock(1_500_000))
    [row], warning = status(capsys, "--lake", str(tmp_path))
    assert (row["state"], row["source"], row["bound_seconds"]) == ("synchronised", "kernel", 0.0015)
    assert warning == ""


@pytest.mark.usefixtures("others")
def test_servers_named_are_asked_and_judged(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with (
        time_server(honest) as (first, _),
        time_server(honest) as (second, _),
        time_server(honest) as (third, _),
        time_server(lying) as (liar, _),
    ):
        named = [word for each in (first, second, third, liar) for word in ("--time-source", str(each))]
        rows, _ = status(capsys, *named, "--lake", str(tmp_path))
    assert [row["state"] for row in rows] == ["synchronised", "good", "good", "good", "falseticker"]
    assert [row["clock"] for row in rows[1:]] == [str(each) for each in (first, second, third, liar)]
    assert (rows[0]["source"], rows[1]["reach"], rows[1]["stratum"]) == ("sources", "00001111", 1)
    low, high, bound = (rows[0][name] for name in ("offset_low", "offset_high", "bound_seconds"))
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert bound == max(-low, high)
    offset = rows[4]["offset_seconds"]
    assert isinstance(offset, float)
    assert abs(offset - 5) < 0.1


@pytest.mark.usefixtures("others")
def test_servers_that_contradict_each_other_are_warned_of(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with time_server(honest) as (first, _), time_server(lying) as (second, _):
        named = ["--time-source", str(first), "--time-source", str(second)]
        rows, warning = status(capsys, *named, "--lake", str(tmp_path))
    assert [row["state"] for row in rows] == ["unsynchronised", "undecided", "undecided"]
    assert "no majority of the servers agrees" in warning


@pytest.mark.usefixtures("others")
def test_what_a_running_collector_knows_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    writer, now = JudgementWriter(lake), time.time_ns()
    source = SourceJudgement(server="ntp://a", state="unreachable", poll=6, complaint="no answer")
    restarted = SourceJudgement(server="ntp://b", state="good", restarts=2)
    told = ClockJudgement(
        at=now - 901 * SECOND, judge="sources", low=-2000, high=1000, sources=(source, restarted)
    )
    writer.append(told)
    assert len(status(capsys, "--lake", str(lake.path))[0]) == 1
    writer.append(msgspec.structs.replace(told, at=now - 800 * SECOND))
    rows, _ = status(capsys, "--lake", str(lake.path))
    own = rows[0]
    assert (own["source"], own["bound_seconds"], own["offset_seconds"]) == ("sources", 2e-6, -5e-7)
    assert (rows[1]["clock"], rows[1]["poll_seconds"], rows[1]["note"]) == ("ntp://a", 64, "no answer")
    assert rows[2]["note"] == "contradicted itself 2 times"


def test_the_table_shows_who_is_who(
    others: list[OwnClock], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    others.append(OwnClock(1_500_000))
    assert run(["time", "status", "--format", "table", "--lake", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.split("\n")[0].split() == [
        "clock", "state", "source", "bound_seconds", "offset_seconds", "delay_seconds", "reach", "note",
    ]  # fmt: skip
    assert "this machine" in out


@pytest.mark.usefixtures("others")
def test_the_server_beside_a_collector_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    keep(lake, msgspec.structs.replace(record(), written=text_from_instant(time.time_ns())))
    rows, _ = status(capsys, "--lake", str(lake.path))
    assert [(row["role"], row["state"]) for row in rows] == [
        ("own", "unsynchronised"),
        ("server", "serving"),
    ]
