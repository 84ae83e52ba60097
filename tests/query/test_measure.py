from __future__ import annotations

import pytest

from tidegauge.query.error import QuestionError
from tidegauge.query.measure import MEASURES, before, measures


def test_metrics_keep_their_order_and_come_once() -> None:
    assert [measure.name for measure in measures(("flows", "bytes", "flows"))] == ["flows", "bytes"]


def test_an_estimate_brings_its_ends_and_whether_anything_was_sampled() -> None:
    assert [measure.name for measure in measures(("bytes_estimate", "flows"))] == [
        "bytes_estimate", "bytes_estimate_low", "bytes_estimate_high", "flows", "sampled",
    ]  # fmt: skip


def test_values_of_any_field_can_be_counted() -> None:
    [measure] = measures(("distinct_srcip",))
    assert (measure.name, measure.kind) == ("distinct_src_addr", "distinct")


@pytest.mark.parametrize("name", ["distinct_colour", "distinct_addr", "distinct_other", "distinct_"])
def test_what_has_no_values_to_count(name: str) -> None:
    with pytest.raises(QuestionError, match="is no field whose values"):
        measures((name,))


@pytest.mark.parametrize("name", MEASURES)
def test_a_metric_that_adds_up_is_one_aggregate(name: str) -> None:
    measure = MEASURES[name]
    assert measure.is_aggregate or not measure.is_additive


def test_shares_are_not_compared() -> None:
    assert [each.name for each in before(measures(("bytes", "share", "first_seen")))] == [
        "bytes_before", "first_seen_before",
    ]  # fmt: skip


def test_of_nothing_a_count_is_zero_and_the_rest_unknown() -> None:
    names = ("bytes", "flows", "first_seen", "sessions", "distinct_src_addr")
    assert [each.of_nothing for each in measures(names)] == [None, 0, None, 0, 0]


@pytest.mark.parametrize("names", [(), ("colour",), ("bytes", "")])
def test_unknown_metrics(names: tuple[str, ...]) -> None:
    with pytest.raises(QuestionError, match="metrics are bytes"):
        measures(names)
