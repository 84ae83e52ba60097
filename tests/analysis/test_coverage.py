from __future__ import annotations

import re
from typing import Any

import pytest

from tidegauge.analysis.coverage import LEAST_BYTES, coverage_note, coverage_warnings


def link(coverage_in: float | None, coverage_out: float | None, **more: Any) -> dict[str, Any]:
    row = {
        "link": "Internet",
        "counted_in": 10 * LEAST_BYTES, "counted_out": 10 * LEAST_BYTES,
        "coverage_in": coverage_in, "coverage_out": coverage_out,
        "expected_in_low": 0.97, "expected_in_high": 0.98, "expected_out_low": 0.6, "expected_out_high": 0.7,
        "group_share_in": 0.01, "group_share_out": 0.01,
    }  # fmt: skip
    return row | more


def test_agreement_is_not_remarked_on() -> None:
    """Small packets make the frames around them a third of what leaves here."""
    for row in (link(0.97, 0.65), link(0.9, 0.55), link(1.05, 0.75), link(None, 0.65)):
        assert coverage_note(row) == ""
        assert coverage_warnings([row]) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (link(0.01, 0.0065), "1% in and 1% out of what the interface counted: the interface seems not"),
        (link(0.1, 0.1), "10% in and 10% out .*packets seem to be sampled, about 1 in 10"),
        (link(0.97, 0.0), "0% out .*metered on arrival only"),
        (link(0.0, 0.65), "0% in .*metered on departure only"),
        (link(1.94, 1.3), "194% in and 130% out .*metered twice"),
        (link(0.97, 0.3, group_share_out=0.5), "30% out .*multicast"),
        (link(0.97, 0.3), "30% out .*not metered, or exports were lost"),
        (link(0.7, 0.65), "70% in .*not metered, or exports were lost"),
    ],
)
def test_disagreement_comes_with_the_likely_reason(row: dict[str, Any], words: str) -> None:
    [warning] = coverage_warnings([row])
    assert warning == f"Internet: {coverage_note(row)}"
    assert re.search(words, coverage_note(row)), coverage_note(row)


def test_a_few_packets_prove_nothing() -> None:
    few = {"counted_in": LEAST_BYTES - 1, "counted_out": LEAST_BYTES - 1}
    assert coverage_warnings([link(0.0, 0.0, **few)]) == []


def test_where_framing_is_not_known_all_is_expected() -> None:
    unknown = dict.fromkeys(("expected_out_low", "expected_out_high"))
    assert coverage_warnings([link(0.97, 0.95, **unknown)]) == []
    assert coverage_warnings([link(0.97, 0.65, **unknown)])


def test_what_was_not_measured_is_said() -> None:
    assert "not held against" in coverage_note(link(None, None, counted_in=None, counted_out=None))
    assert "no whole minute" in coverage_note(link(None, None))


def test_the_largest_disagreement_comes_first() -> None:
    rows = [link(0.5, 0.65, link="A"), link(0.5, 0.65, link="B", counted_in=99 * LEAST_BYTES)]
    assert [warning[0] for warning in coverage_warnings([*rows, link(0.97, 0.65)])] == ["B", "A"]
