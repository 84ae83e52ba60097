from __future__ import annotations

import csv

from tidegauge.analysis.reports.answering import AnsweredReport
from tidegauge.analysis.reports.sheet import sheet


def test_each_table_stands_under_its_title(found: AnsweredReport) -> None:
    rows = list(csv.reader(sheet(found).decode().splitlines()))
    assert rows[:4] == [["Who"], ["user", "bytes"], ["John", "2000000"], ["Sarah <s>", "3000"]]
    assert rows[4:6] == [[], ["When"]]


def test_a_name_that_would_be_a_formula_is_text(found: AnsweredReport) -> None:
    written = sheet(found).decode()
    assert "'=cmd()" in written
    assert ",=cmd()" not in written
