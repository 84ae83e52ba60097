from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.running import run
from tests.sample_lake import NOON, SECOND, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.billing import STEP, billing, percentile_of, whole_steps
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query

HOURS_2 = TimeRange(NOON, NOON + 24 * STEP)


def sample(step: int, megabytes: int, *, is_in: bool) -> Row:
    """A flow within one step."""
    ends = ("203.0.113.9", "10.0.0.1") if is_in else ("10.0.0.1", "203.0.113.9")
    begin = NOON + step * STEP + SECOND
    life = {"start": begin, "end": begin + SECOND}
    return {**life, "src_addr": ends[0], "dst_addr": ends[1], "protocol": 6, "bytes": megabytes * 1_000_000}


def billed(flows: Sequence[Row], percentile: str = "p95") -> dict[str, Any]:
    query = Query(by=("protocol",), metrics=(percentile,))
    statement = billing(query, HOURS_2, whole_steps(HOURS_2))
    [row] = run(statement, flows)
    return dict(zip((column.name for column in statement.columns), row, strict=True))


def rate(megabytes: int) -> int:
    return megabytes * 1_000_000 * 8 // 300


def nearest_rank(samples: list[int], percentile: int) -> int:
    """The smallest sample that at least ``percentile`` of a hundred samples do not exceed."""
    return next(
        each for each in sorted(samples) if sum(x <= each for x in samples) * 100 >= percentile * len(samples)
    )


def test_the_busiest_samples_are_given_away() -> None:
    row = billed([sample(step, step + 1, is_in=True) for step in range(24)])
    assert (row["in_bps"], row["out_bps"], row["samples"]) == (rate(23), 0, 24)


def test_both_merge_rules() -> None:
    """In at one time and out at another: together they are busy twice as often as each apart."""
    flows = [sample(0, 60, is_in=True), sample(1, 60, is_in=False), sample(2, 6, is_in=True)]
    row = billed(flows)
    assert (row["sum_bps"], row["higher_bps"]) == (rate(60), rate(6))
    assert (row["bytes_in"], row["bytes_out"], row["samples_with_traffic"]) == (66_000_000, 60_000_000, 3)


def test_silence_is_a_sample_of_nothing() -> None:
    assert billed([sample(0, 60, is_in=True)])["sum_bps"] == 0


amounts = st.lists(st.integers(0, 50), min_size=24, max_size=24)


@given(amounts, amounts, st.sampled_from([1, 50, 90, 95, 99, 100]))
@settings(max_examples=40, deadline=None)
def test_it_is_the_nearest_rank(came: list[int], left: list[int], percentile: int) -> None:
    flows = [
        sample(step, size, is_in=is_in)
        for is_in, sizes in ((True, came), (False, left))
        for step, size in enumerate(sizes)
    ]
    row = billed(flows, f"p{percentile}")
    expected = {"in": came, "out": left, "sum": [a + b for a, b in zip(came, left, strict=True)]}
    assert {name: row[f"{name}_bps"] for name in expected} == {
        name: rate(nearest_rank(samples, percentile)) for name, samples in expected.items()
    }


def test_only_whole_samples_count() -> None:
    assert whole_steps(TimeRange(NOON, NOON + 2 * STEP - 1)).count == 1
    with pytest.raises(QuestionError, match="complete"):
        whole_steps(TimeRange(NOON, NOON + STEP - 1))
    with pytest.raises(ValueError, match="begin and an end"):
        whole_steps(TimeRange(NOON, None))


@pytest.mark.parametrize("metrics", [("p0",), ("p101",), ("bytes",), ("p95", "p99"), ("95",)])
def test_what_is_no_percentile(metrics: tuple[str, ...]) -> None:
    with pytest.raises(QuestionError, match="percentile"):
        percentile_of(Query(metrics=metrics))


def test_percentiles_may_have_decimals() -> None:
    assert (percentile_of(Query()), percentile_of(Query(metrics=("p99.9",)))) == (95, 99.9)
