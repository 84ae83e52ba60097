from __future__ import annotations

from xml.etree import ElementTree as ET

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.reports.answering import AnsweredReport
from tidegauge.analysis.reports.picture import COLOURS, WIDTH, bars, lines

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = [
    {"name": "time", "type": "instant", "unit": ""},
    {"name": "user", "type": "text", "unit": ""},
    {"name": "bytes", "type": "uint64", "unit": "bytes"},
]


def answer(rows: list[tuple[str | None, int | None]]) -> Answer:
    data = [{"user": user, "bytes": size} for user, size in rows]
    return Answer(data=data, columns=COLUMNS[1:], totals={"bytes": 0})


def test_bars_are_as_long_as_their_numbers(found: AnsweredReport) -> None:
    drawing = ET.fromstring(bars(found.parts[0].answer))
    john, sarah = (float(bar.get("width", 0)) for bar in drawing.iter(f"{SVG}rect"))
    assert john > 100
    assert abs(sarah / john - 3000 / 2_000_000) < 0.01
    assert "2.00 MB" in [text.text for text in drawing.iter(f"{SVG}text")]


def test_every_name_is_text_and_none_is_markup() -> None:
    drawing = ET.fromstring(bars(answer([("<script>alert(1)</script>", 5), (None, 3), ("x" * 40, 1)])))
    shown = [text.text for text in drawing.iter(f"{SVG}text")]
    assert "<script>alert(1)</script>" in shown
    assert "unknown" in shown
    assert f"{'x' * 27}…" in shown


def test_a_line_for_each_group_over_the_same_times(found: AnsweredReport) -> None:
    drawing = ET.fromstring(lines(found.parts[1].answer))
    drawn = list(drawing.iter(f"{SVG}polyline"))
    assert [line.get("stroke") for line in drawn] == list(COLOURS[:3])
    assert {len((line.get("points") or "").split()) for line in drawn} == {3}


def test_what_cannot_be_drawn_is_no_picture() -> None:
    assert bars(answer([])) == ""
    assert bars(answer([("John", None)])) == ""
    assert lines(answer([("John", 1)])) == ""


def test_a_single_moment_and_zeros_are_drawn_inside_the_frame() -> None:
    row = {"time": "2026-01-07T10:00:00.000000000Z", "user": "John", "bytes": 0}
    drawing = ET.fromstring(lines(Answer(data=[row], columns=COLUMNS, totals={"bytes": 0})))
    [line] = drawing.iter(f"{SVG}polyline")
    left, _ = (line.get("points") or "").split(",")
    assert 0 <= float(left) <= WIDTH
