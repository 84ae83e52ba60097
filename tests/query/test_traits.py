"""What is known of flows makes a question cheaper and changes no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.query.running import run
from tests.sample_lake import NOON, SECOND
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking_with_whole
from tidegauge.query.traits import UNKNOWN, Traits

KNOWN = Traits(has_reverse=False, small=frozenset({"bytes", "packets"}))
FLOWS: list[dict[str, Any]] = [
    {"start": NOON + at, "end": NOON + at + 10 * SECOND, "src_port": at % 3, "dst_port": 5,
     "bytes": 2**40 + at, "packets": None if at == 4 else at}
    for at in range(9)
]  # fmt: skip


@pytest.mark.parametrize("by", ["src_port", "port", "protocol"])
@pytest.mark.parametrize("time_range", [TimeRange(), TimeRange(NOON + SECOND, NOON + 3 * SECOND)])
@pytest.mark.parametrize("filter_", ["", "port 1 or port 5"])
def test_what_is_known_changes_no_answer(by: str, time_range: TimeRange, filter_: str) -> None:
    query = Query(by=(by,), metrics=("bytes", "packets", "flows", "bytes_estimate"), filter=filter_, top=2)
    plain = ranking_with_whole(query, time_range)
    cheap = ranking_with_whole(query, time_range, traits=KNOWN)
    assert run(cheap, FLOWS) == run(plain, FLOWS)
    assert "sum_no_overflow" in cheap.sql
    assert "reverse_bytes" not in cheap.sql


def test_only_small_counters_are_summed_without_a_test() -> None:
    query = Query(by=("src_port",), metrics=("bytes", "packets"))
    bytes_are_large = ranking_with_whole(
        query, TimeRange(), traits=replace(KNOWN, small=frozenset({"packets"}))
    )
    assert bytes_are_large.sql.count("sum_no_overflow") == 1
    assert run(bytes_are_large, [{"bytes": 2**64 - 1}] * 3)[-1][1] == 3 * (2**64 - 1)
    assert "sum_no_overflow" not in ranking_with_whole(query, TimeRange(), traits=UNKNOWN).sql
