from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.running import run
from tests.sample_lake import NOON
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.sampling_error import bytes_variance, margin, packets_variance
from tidegauge.query.margins import was_sampled
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking

flows = st.fixed_dictionaries(
    {"bytes": st.integers(0, 10**7), "packets": st.integers(0, 10**4)},
    optional={"sampling_interval": st.sampled_from([0, 1, 10, 1024])},
)


def asked(rows: list[dict[str, int]], metric: str) -> tuple[object, ...]:
    """The estimate, its ends, and whether anything was sampled."""
    query = Query(by=("protocol",), metrics=(metric,))
    return run(ranking(query, TimeRange()), [{**row, "received": NOON} for row in rows])[0][1:]


@given(st.lists(flows, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_sql_errs_as_the_definition_does(rows: list[dict[str, int]]) -> None:
    drawn = [(row["bytes"], row["packets"], max(row.get("sampling_interval", 1), 1)) for row in rows]
    variances = {
        "bytes_estimate": sum(bytes_variance(*each) for each in drawn),
        "packets_estimate": sum(packets_variance(packets, interval) for _, packets, interval in drawn),
    }
    for metric, variance in variances.items():
        counts = [(each[0] if metric == "bytes_estimate" else each[1], each[2]) for each in drawn]
        estimate, seen = (
            sum(count * interval for count, interval in counts),
            sum(count for count, _ in counts),
        )
        found, low, high, was = asked(rows, metric)
        assert found == estimate
        assert was is any(interval > 1 for *_, interval in drawn)
        if was:
            assert low == pytest.approx(max(seen, estimate - margin(variance)), rel=1e-9, abs=2)
            assert high == pytest.approx(estimate + margin(variance), rel=1e-9, abs=2)
        else:
            assert (low, high) == (None, None)


def test_hostile_numbers_do_not_fail_the_question() -> None:
    most = {"bytes": 2**64 - 1, "packets": 2**64 - 1, "sampling_interval": 2**32 - 1}
    for metric in ("bytes_estimate", "packets_estimate"):
        estimate, low, high, _ = asked([most, most], metric)
        assert low <= estimate <= high  # type: ignore[operator]


def test_bytes_without_a_packet_may_be_as_far_off_as_one_packet_of_them() -> None:
    row = {"bytes": 65_556, "packets": 0, "sampling_interval": 10}
    assert asked([row], "bytes_estimate")[2] == 655_560 + margin(10 * 9 * 65_556**2)


def test_a_factor_of_one_is_no_sampling() -> None:
    assert was_sampled("x0") == "bool_or(x0 > 1)"
