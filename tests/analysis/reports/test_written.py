from __future__ import annotations

import json

from tidegauge.analysis.reports.answering import AnsweredReport
from tidegauge.analysis.reports.written import FORMATS


def test_each_format_writes_the_same_report(found: AnsweredReport) -> None:
    assert FORMATS["html"].write(found).startswith(b"<!doctype html>")
    assert FORMATS["csv"].write(found).startswith(b'"')
    told = json.loads(FORMATS["json"].write(found))
    assert [section["title"] for section in told] == [part.section.title for part in found.parts]
