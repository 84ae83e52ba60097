from __future__ import annotations

import pytest

from tidegauge.analysis.filling import filled
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError
from tidegauge.query.ruler import Ruler

MARKS, RANGE = Ruler(10, 0), TimeRange(0, 30)


def test_each_group_has_a_row_in_each_bucket() -> None:
    rows = [(0, "a", 5), (10, None, 7)]
    assert filled(rows, (0,), MARKS, RANGE) == [
        (0, "a", 5), (0, None, 0), (10, "a", 0), (10, None, 7), (20, "a", 0), (20, None, 0),
    ]  # fmt: skip


def test_without_groups_there_is_one_row_a_bucket() -> None:
    assert filled([(10, 5)], (0,), MARKS, RANGE) == [(0, 0), (10, 5), (20, 0)]
    assert filled([], (0, None), MARKS, TimeRange(5, 11)) == [(0, 0, None), (10, 0, None)]


def test_a_range_that_is_not_known_stays_as_it_is() -> None:
    assert filled([], (0,), MARKS, TimeRange()) == []


def test_too_many_rows() -> None:
    with pytest.raises(QuestionError, match="a longer step"):
        filled([(0, "a", 1)], (0,), MARKS, TimeRange(0, 10**9))
