from __future__ import annotations

from pathlib import Path

from tests.traffic import DAY, SINCE, Flow, both_ways, lake_of
from tidegauge.analysis.policy_file import policy_from_text
from tidegauge.analysis.policy_use import policy_use
from tidegauge.query.question import Query

POLICY = policy_from_text("""
default = "deny"
[[rule]]
name = "Web"
action = "allow"
ports = [80, 443]
[[rule]]
name = "Web at night"
action = "deny"
ports = 443
""")


def test_each_flow_counts_with_the_rule_that_decides(tmp_path: Path) -> None:
    flows = [
        flow
        for second, port in ((0, 443), (5, 80), (DAY, 443), (2 * DAY, 22))
        for flow in both_ways(
            Flow("10.1.2.17", "198.51.100.7", 40000, port, 6, 0x1B, 5, 700, second), 9, 8000
        )
    ]
    answer = policy_use(lake_of(tmp_path / "lake", flows), POLICY, Query(), SINCE)
    assert answer.data == [
        {"rule": 1, "name": "Web", "action": "allow", "flows": 6, "bytes": 26_100},
        {"rule": 2, "name": "Web at night", "action": "deny", "flows": 0, "bytes": 0},
        {"rule": None, "name": "every other flow", "action": "deny", "flows": 2, "bytes": 8700},
    ]
    assert [column["name"] for column in answer.columns] == list(answer.data[0])


def test_a_range_limits_what_counts(tmp_path: Path) -> None:
    flows = [Flow("10.1.2.17", "198.51.100.7", 40000, 443, second=second) for second in (0, 7200)]
    query = Query(since="2025-10-09T10:00:00Z")
    assert policy_use(lake_of(tmp_path / "lake", flows), POLICY, query, SINCE).data[0]["flows"] == 1
