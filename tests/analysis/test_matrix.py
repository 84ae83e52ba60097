from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.matrix import laid_out, matrix
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

BY = ("src_addr", "protocol")


def test_cells_add_up_to_the_totals(lake: Lake) -> None:
    answer = matrix(lake, Query(by=BY, top=1), NOON)
    assert [tuple(cell.values()) for cell in answer.data] == [
        ("10.0.0.2", 17, False, False, 100, 1, 1),
        (None, None, True, True, 15, 4, 2),
    ]
    assert answer.totals == {"bytes": 115, "packets": 5, "flows": 3}


def test_a_grid_has_the_largest_column_first_and_the_rest_last(lake: Lake) -> None:
    answer = laid_out(matrix(lake, Query(by=BY, top=2), NOON))
    assert answer.data == [
        {"src_addr": "10.0.0.2", "17": 100, "6": None, "(other)": None},
        {"src_addr": "10.0.0.1", "17": None, "6": 10, "(other)": None},
        {"src_addr": "(other)", "17": None, "6": None, "(other)": 5},
    ]
    assert [column["name"] for column in answer.columns] == ["src_addr", "17", "6", "(other)"]


def test_one_direction_alone(lake: Lake) -> None:
    answer = matrix(lake, Query(by=BY, direction="up"), NOON)
    assert [cell["bytes"] for cell in answer.data] == [100, 10]


def test_an_empty_lake_has_an_empty_grid(empty_lake: Lake) -> None:
    assert laid_out(matrix(empty_lake, Query(by=BY), NOON)).data == []
