from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.reports.conftest import TEXT
from tidegauge.analysis.questions import question_names
from tidegauge.analysis.reports.report import ReportError, report_from_text, report_named, report_names

SHIPPED = ["billing", "clocks", "top-users", "weekly"]


def test_ours_are_there_without_a_folder(tmp_path: Path) -> None:
    assert report_names(tmp_path / "none") == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_ours_ask_only_what_is_installed(name: str, tmp_path: Path) -> None:
    report = report_named(name, tmp_path)
    assert {section.question for section in report.section} <= set(question_names())


def test_ones_own_goes_before_ours(tmp_path: Path) -> None:
    (tmp_path / "weekly.toml").write_text(TEXT)
    (tmp_path / "sent.json").write_text("{}")
    assert report_named("weekly", tmp_path).title == "People & bytes"
    assert report_names(tmp_path) == SHIPPED


def test_an_unknown_name_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no report 'dayly'; there are billing, clocks, top-users, weekly"):
        report_named("dayly", tmp_path)
    with pytest.raises(ReportError, match="no report"):
        report_named("../lake", tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = 'x'\nsection = []\nperiods = 'y'", "unknown field `periods`"),
        ("title = 'x'\n[[section]]\ntitle='a'\nquery={fliter='tcp'}", "fliter"),
        ("title = ", "x.toml"),
        ("title = 'x'\n[[section]]\ntitle='a'\npicture='pie'", "pie"),
    ],
)
def test_a_mistake_is_named(text: str, told: str) -> None:
    with pytest.raises(ReportError, match=told):
        report_from_text(text, "x.toml")
