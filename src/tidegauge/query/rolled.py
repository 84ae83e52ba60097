"""Rolled flows: flows of which sums stand in the lake already, by one field or by minute.

The relation ``rolled`` holds these sums for the range of a question: the field, or exporter, observation
domain and ``minute``; ``bytes``, ``packets``, ``flows``, and how many of these are ``clamped``. What a
statement counts of ``flows`` and what it takes from ``rolled`` are different flows, so both add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.grouping import keys
from tidegauge.query.measure import measures
from tidegauge.query.parameters import Parameters
from tidegauge.query.predicate import column
from tidegauge.query.question import step_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tidegauge.query.measure import Measure
    from tidegauge.query.question import Query

RELATION = "rolled"
_SUMS = ("bytes", "packets", "flows")
MINUTE = 60 * 1_000_000_000
_POINT = ("exporter", "observation_domain")


def rolled_table(query: Query, tables: Collection[str]) -> str:
    """The table of sums that answers a question about all flows; empty where none does.

    Raises QuestionError.
    """
    if query.compare or query.direction or not query.by:
        return ""
    if not all(measure.name in _SUMS or measure.kind == "share" for measure in measures(query.metrics)):
        return ""
    found = keys(query.by, Parameters())
    fields = [field for key in found for field in key.fields]
    if any(key.is_either_side for key in found) or any(column(each) != f'"{each.name}"' for each in fields):
        return ""
    names = {field.name for field in fields}
    if names <= {*_POINT}:
        return "exporter"
    return names.pop() if len(names) == 1 and names <= {*tables} else ""


def rolled_minutes(query: Query) -> bool:
    """Whether sums by minute answer a series over all flows. Raises QuestionError."""
    if query.compare or query.direction or step_of(query) % MINUTE:
        return False
    if not all(measure.name in _SUMS for measure in measures(query.metrics)):
        return False
    return {key.column.name for key in keys(query.by, Parameters())} <= {*_POINT}


def with_rolled(counted: str, keys: Mapping[str, str], found: Sequence[Measure], *beside: str) -> str:
    """The groups that ``counted`` selects from flows, together with those of ``rolled``.

    ``keys`` are their names with the SQL of each over ``rolled``; ``beside`` is what is counted besides:
    ``once``, which is flows, and ``clamped``.
    """
    grouping = f" GROUP BY {', '.join(keys)}" if keys else ""
    metrics = [f'{_sum(measure)} AS "{measure.name}"' for measure in found]
    own = [*(f"{sql} AS {name}" for name, sql in keys.items()), *metrics]
    own += [f"sum({'flows' if name == 'once' else name}) AS {name}" for name in beside]
    whole = [*keys, *metrics, *(f"sum({name}) AS {name}" for name in beside)]
    both = f"({counted}) UNION ALL BY NAME (SELECT {', '.join(own)} FROM {RELATION}{grouping})"
    return f"SELECT {', '.join(whole)} FROM ({both}){grouping}"


def _sum(measure: Measure) -> str:
    return "CAST(NULL AS DOUBLE)" if measure.kind == "share" else f'sum("{measure.name}")'
