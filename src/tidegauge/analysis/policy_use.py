"""``policy check``: how many flows each rule of a policy decides, so that a rule that never fits is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.activity import Activity
from tidegauge.analysis.judgement import NO_RULE, judge
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.analysis.stretch import stretches
from tidegauge.query.statement import Column

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.policy import Policy
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_COLUMNS = (
    Column("rule", "uint32"),
    Column("name", "text"),
    Column("action", "text"),
    Column("flows", "uint64", "flows"),
    Column("bytes", "uint64", "bytes"),
)

_SQL = """
SELECT rule, CAST(sum(flows_up + flows_down) AS BIGINT), CAST(sum(bytes_up + bytes_down) AS HUGEINT)
FROM judged GROUP BY rule"""


def policy_use(lake: Lake, policy: Policy, query: Query, now: int) -> Answer:
    """A row for each rule, in the order they are asked in, and one for what none of them fits.

    Flows count with the rule that decides about them, both directions of a connection with the same.
    The filter of the question plays no part.
    """
    counts: dict[int, tuple[int, int]] = {}
    with Reading(lake, query, now) as reading, lake.generation() as generation:
        for since, until in stretches(reading.engine, reading.time_range):
            with Activity(lake, generation, since, until) as activity:
                judge(policy, activity)
                for rule, flows, size in activity.rows(_SQL):
                    before = counts.get(rule, (0, 0))
                    counts[rule] = before[0] + flows, before[1] + size
        told = [(rule.name, rule.action) for rule in policy.rules]
        numbered = [*enumerate(told, start=1), (NO_RULE, ("every other flow", policy.default))]
        rows = [
            {
                "rule": number or None,
                "name": name,
                "action": action.value,
                "flows": counts.get(number, (0, 0))[0],
                "bytes": counts.get(number, (0, 0))[1],
            }
            for number, (name, action) in numbered
        ]
        return reading.answer(arranged(rows, _COLUMNS, query.order, query.top), _COLUMNS)
