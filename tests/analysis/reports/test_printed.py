from __future__ import annotations

import sys

import pytest

from tidegauge.analysis.reports.answering import AnsweredReport
from tidegauge.analysis.reports.printed import printed
from tidegauge.analysis.reports.report import ReportError


def test_a_report_prints_as_pdf(found: AnsweredReport) -> None:
    pdf = printed(found)
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")


def test_without_the_extra_it_says_what_to_install(
    found: AnsweredReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(ReportError, match=r"pip install 'tidegauge\[pdf\]'"):
        printed(found)
