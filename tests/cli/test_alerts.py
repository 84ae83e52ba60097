from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.cli.main import FILTER, USAGE, run


@pytest.fixture
def lake(tmp_path: Path) -> str:
    rows = [
        {
            "start": NOON + n * SECOND // 10,
            "end": NOON + n * SECOND // 10,
            "src_addr": "10.0.0.66",
            "dst_addr": f"10.0.1.{n}",
            "src_port": 40000,
            "dst_port": 22,
            "protocol": 6,
            "tcp_flags": 2,
            "packets": 1,
            "bytes": 60,
        }
        for n in range(1, 81)
    ]
    return str(make_lake(tmp_path / "lake", rows).path)


def test_a_finding_is_one_line(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "--lake", lake, "--format", "ndjson"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["sentence"] == "10.0.0.66 tried TCP port 22 of 80 addresses within 8 seconds."


def test_the_filter_is_the_tail(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "--lake", lake, "--format", "json", "dst", "port", "80"]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_a_wrong_filter_ends_with_3(lake: str) -> None:
    assert run(["alerts", "--lake", lake, "dst prot 80"]) == FILTER


def shown(lake: str, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """The actors of what is shown."""
    assert run(["alerts", "--lake", lake, "--format", "ndjson", *options]) == 0
    return [json.loads(line)["actor"] for line in capsys.readouterr().out.splitlines()]


def test_a_finding_is_muted_counted_listed_and_told_again(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = ["--detector", "scan", "--about", "10.0.0.0/8", "--for", "7d", "--reason", "ours"]
    assert run(["alerts", "mute", "--lake", lake, *scope]) == 0
    number = capsys.readouterr().out.strip()
    assert run(["alerts", "--lake", lake, "--format", "ndjson"]) == 0
    assert capsys.readouterr() == ("", "1 muted; --muted shows them\n")
    assert shown(lake, capsys, "--muted") == ["10.0.0.66"]
    assert run(["alerts", "mutes", "--lake", lake, "--format", "ndjson"]) == 0
    (mute,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (mute["id"], mute["about"], mute["reason"]) == (number, "10.0.0.0/8", "ours")
    assert run(["alerts", "unmute", "--lake", lake, number]) == 0
    assert shown(lake, capsys) == ["10.0.0.66"]
    assert run(["alerts", "unmute", "--lake", lake, number]) == USAGE
    assert f"there is no mute {number}" in capsys.readouterr().err


def test_one_finding_is_muted_by_its_fingerprint(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "show", "--lake", lake, "--format", "json"]) == 0
    (finding,) = json.loads(capsys.readouterr().out)
    assert run(["alerts", "mute", "--lake", lake, finding["fingerprint"]]) == 0
    capsys.readouterr()
    assert shown(lake, capsys) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "would hide everything"),
        (["--about", "port 22"], "says nothing about one end"),
        (["--detector", "scan", "--for", "soon"], "'soon' is no duration"),
        (["--detector", "scan", "--for", "1d", "--until", "2027-01-01"], "say the same"),
    ],
)
def test_a_mute_that_cannot_be_is_refused(
    lake: str, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run(["alerts", "mute", "--lake", lake, *options]) == USAGE
    assert said in capsys.readouterr().err


def test_help_tells_of_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "--help"]) == 0
    assert "unmute" in capsys.readouterr().out
