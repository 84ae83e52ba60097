from __future__ import annotations

import msgspec
import pytest

from tests.analysis.reports.conftest import NOW, TEXT
from tidegauge.analysis.reports.answering import AnsweredReport, answered
from tidegauge.analysis.reports.report import ReportError, report_from_text
from tidegauge.store.lake import Lake


def test_each_section_is_asked_over_the_period(found: AnsweredReport) -> None:
    who, when, nothing = (part.answer for part in found.parts)
    assert [row["user"] for row in who.data] == ["John", "Sarah <s>"]
    assert who.other == {"bytes": 1000}
    assert who.since == "2026-01-04T23:00:00.000000000Z"  # Monday in Berlin
    assert len(when.data) == 3
    assert nothing.data == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("question = 'oracle'", "section 'Who' asks 'oracle'; there are alerts"),
        ("query = { by = ['colour'] }", "section 'Who': 'colour' is no field"),
        ("query = { by = ['user'], filter = 'src prot 443' }", "section 'Who': "),
    ],
)
def test_a_section_that_cannot_be_asked_is_named(lake: Lake, wrong: str, told: str) -> None:
    text = f"title = 'x'\n[[section]]\ntitle = 'Who'\n{wrong}"
    with pytest.raises(ReportError, match=told):
        answered(lake, "x", report_from_text(text, "x.toml"), NOW)


def test_a_period_that_is_none_is_refused(lake: Lake) -> None:
    report = msgspec.structs.replace(report_from_text(TEXT, "x"), period="some day")
    with pytest.raises(ReportError, match="'some day' is no period"):
        answered(lake, "people", report, NOW)


def test_masked_it_holds_no_name(lake: Lake) -> None:
    report = msgspec.structs.replace(report_from_text(TEXT, "x"), mask_users=True)
    who, when, _ = (part.answer.data for part in answered(lake, "people", report, NOW).parts)
    assert [row["user"] for row in who] == ["person 1", "person 2"]
    assert [row["user"] for row in when] == ["person 1", "person 2", "person 3"]
