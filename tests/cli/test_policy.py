from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.cli.policy import command
from tidegauge.query.error import QuestionError

RULE = '[[rule]]\nname = "No telnet"\naction = "deny"\nports = 23\n'
SINCE = "2026-01-01"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    ends = {"src_addr": "10.0.0.66", "dst_addr": "10.0.1.1", "src_port": 40000, "protocol": 6, "bytes": 60}
    rows = [{"start": NOON + n * SECOND, "dst_port": port, **ends} for n, port in enumerate((23, 23, 80))]
    return make_lake(tmp_path / "lake", rows).path


def check(*words: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(command, ["check", "--format", "json", *words], catch_exceptions=False)
    rows: list[dict[str, object]] = json.loads(result.stdout)
    return rows


def test_each_rule_says_how_many_flows_it_decides_about(lake: Path) -> None:
    (lake / "policy.toml").write_text(RULE)
    rows = check("--lake", str(lake), "--since", SINCE)
    assert [(row["name"], row["flows"]) for row in rows] == [("No telnet", 2), ("every other flow", 1)]


def test_without_a_range_it_is_the_last_day(lake: Path) -> None:
    (lake / "policy.toml").write_text(RULE)
    assert [row["flows"] for row in check("--lake", str(lake))] == [0, 0]


def test_a_draft_can_be_tried_before_it_counts(lake: Path, tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text(RULE.replace("23", "80"))
    assert check("--lake", str(lake), "--since", SINCE, str(draft))[0]["flows"] == 1


def test_a_mistake_is_told_with_its_line(lake: Path) -> None:
    (lake / "policy.toml").write_text("\n" + RULE.replace("ports", "prts"))
    with pytest.raises(
        QuestionError, match=r"policy.toml:2: rule 1 \(No telnet\): 'prts' means nothing here"
    ):
        check("--lake", str(lake))


def test_a_lake_without_a_policy_says_so(lake: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check("--lake", str(lake))


def test_it_is_a_group_of_commands() -> None:
    assert isinstance(command, click.Group)
    assert list(command.commands) == ["check"]
