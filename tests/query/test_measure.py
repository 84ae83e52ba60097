from __future__ import annotations

import pytest

from tidegauge.query.error import QuestionError
from tidegauge.query.measure import MEASURES, measures


def test_metrics_keep_their_order_and_come_once() -> None:
    assert [measure.name for measure in measures(("flows", "bytes", "flows"))] == ["flows", "bytes"]


def test_only_flows_has_no_counter() -> None:
    assert [name for name, measure in MEASURES.items() if not measure.counter] == ["flows"]


@pytest.mark.parametrize("names", [(), ("colour",), ("bytes", "")])
def test_unknown_metrics(names: tuple[str, ...]) -> None:
    with pytest.raises(QuestionError, match="metrics are bytes"):
        measures(names)
