from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.matrix import matrix
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web.resources.matrix import MATRIX


def test_the_api_asks_the_analysis(lake: Lake) -> None:
    assert (MATRIX.name, MATRIX.answer) == ("matrix", matrix)
    cells = MATRIX.answer(lake, Query(by=("src_addr", "protocol")), NOON).data
    assert [cell["bytes"] for cell in cells] == [7000, 3000]
