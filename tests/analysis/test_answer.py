from __future__ import annotations

import msgspec

from tidegauge.analysis.answer import Answer


def test_an_answer_is_sent_with_every_part() -> None:
    sent = msgspec.json.decode(msgspec.json.encode(Answer(data=[{"bytes": 2**64 - 1}], columns=[])))
    assert sent["data"] == [{"bytes": 2**64 - 1}]
    assert set(sent) == {
        "data", "columns", "totals", "other", "completeness", "clock", "warnings", "stats", "since", "until",
        "filter", "next",
    }  # fmt: skip
