from __future__ import annotations

import pytest

from tests.sample_lake import NOON
from tidegauge.analysis.reading import Reading, time_range_of
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import FilterError, QuestionError
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_a_reading_says_what_it_looked_at_and_warns(lake: Lake) -> None:
    with Reading(lake, Query(filter="tcp or udp and port 5", since="1h"), NOON) as reading:
        answer = reading.answer([], [])
    assert (answer.stats["rows"], answer.stats["files"]) == (3, 1)
    assert answer.stats["milliseconds"] > 0
    assert "binds tighter" in answer.warnings[0]
    assert answer.since == "2026-01-01T11:00:00.000000000Z"
    assert answer.completeness["reasons"] == {"lost_sequence": 1}


def test_a_wrong_filter_is_found_before_anything_is_opened(lake: Lake) -> None:
    with pytest.raises(FilterError):
        Reading(lake, Query(filter="prot 6"), NOON)


def test_words_become_a_range() -> None:
    assert time_range_of(Query(since="1s", until="now"), NOON) == TimeRange(NOON - 10**9, NOON)
    with pytest.raises(QuestionError, match="is no time"):
        time_range_of(Query(since="soon"), NOON)
