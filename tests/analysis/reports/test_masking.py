from __future__ import annotations

from typing import Any

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.reports.masking import Masks


def test_one_name_has_one_number_everywhere() -> None:
    masks = Masks()
    rows: list[dict[str, Any]] = [{"user": "John", "machine": "laptop"}, {"user": None, "machine": "laptop"}]
    first = masks.masked(Answer(data=rows, columns=[])).data
    assert first == [{"user": "person 1", "machine": "machine 1"}, {"user": None, "machine": "machine 1"}]
    again = masks.masked(Answer(data=[{"user": "Anna"}, {"dst_user": "John"}], columns=[]))
    assert again.data == [{"user": "person 2"}, {"dst_user": "person 1"}]


def test_sentences_are_left_out_because_they_may_hold_any_name() -> None:
    found = Masks().masked(Answer(data=[{"sentence": "John sent 2 GB.", "bytes": 2}], columns=[]))
    assert found.data == [{"sentence": None, "bytes": 2}]
