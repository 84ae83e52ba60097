from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.series import series
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_rows_carry_the_start_of_their_bucket(lake: Lake) -> None:
    answer = series(lake, Query(filter="tcp", step="2s"), NOON)
    assert answer.data == [
        {"time": "2026-01-01T12:00:00.000000000Z", "bytes": 6, "packets": 2, "flows": 1},
        {"time": "2026-01-01T12:00:02.000000000Z", "bytes": 4, "packets": 1, "flows": 0},
    ]
    assert answer.totals == {"bytes": 10, "packets": 3, "flows": 1}


def test_the_rest_is_told_by_bucket(lake: Lake) -> None:
    answer = series(lake, Query(by=("protocol",), top=1), NOON)
    assert [row["protocol"] for row in answer.data] == [17]
    assert answer.other == {
        "bytes": 15, "packets": 4, "flows": 2,
        "rows": [
            {"time": "2026-01-01T12:00:00.000000000Z", "bytes": 10, "packets": 3, "flows": 1},
            {"time": "2026-01-01T12:01:00.000000000Z", "bytes": 5, "packets": 1, "flows": 1},
        ],
    }  # fmt: skip
    assert "is_other" not in [column["name"] for column in answer.columns]


def test_an_empty_lake_has_an_answer(empty_lake: Lake) -> None:
    assert series(empty_lake, Query(by=("protocol",), top=3), NOON).data == []
