"""Rolled flows: flows of which sums stand in the lake already, by one field or by minute.

The relation ``rolled`` holds these sums for the range of a question: of the field, exporter and observation
domain what it is grouped by, and ``minute``; ``bytes``, ``packets``, ``flows``, and how many of these are
``clamped``. What a statement counts of ``flows`` and what it takes from ``rolled`` are different flows, so
both add up. Each table tells exporter and observation domain beside its field, so a filter may ask for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.query.grouping import keys
from tidegauge.query.lookups import fields_of
from tidegauge.query.measure import measures
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import column
from tidegauge.query.question import step_of
from tidegauge.query.syntax import Anything

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tidegauge.flow.field import Field
    from tidegauge.query.measure import Measure
    from tidegauge.query.question import Query
    from tidegauge.query.syntax import Term

RELATION = "rolled"
_SUMS = ("bytes", "packets", "flows")
MINUTE = 60 * 1_000_000_000
_POINT = ("exporter", "observation_domain")


class Rolled(NamedTuple):
    """Which sums answer a question: those of the ``table`` that match ``term``, by ``columns`` of it."""

    table: str
    columns: tuple[str, ...]
    term: Term = Anything()


def rolled_groups(query: Query, tables: Collection[str]) -> Rolled | None:
    """The sums that answer a question about groups; None where none do. Raises QuestionError.

    Macros of its filter have to be written out.
    """
    if query.compare or query.direction or not query.by:
        return None
    if not all(measure.name in _SUMS or measure.kind == "share" for measure in measures(query.metrics)):
        return None
    found, term = keys(query.by, Parameters()), parse(query.filter).term
    keyed, asked = [field for key in found for field in key.fields], list(fields_of(term))
    if any(key.is_either_side for key in found) or not all(map(stands, (*keyed, *asked))) or not keyed:
        return None
    names = {field.name for field in (*keyed, *asked)} - {*_POINT}
    if len(names) > 1 or not names <= {*tables}:
        return None
    return Rolled(names.pop() if names else "exporter", tuple({field.name: None for field in keyed}), term)


def rolled_minutes(query: Query, table: str) -> Rolled | None:
    """The sums by minute, of a ``table``, that answer a series; None where they do not.

    Macros of its filter have to be written out. Raises QuestionError.
    """
    if query.compare or query.direction or step_of(query) % MINUTE:
        return None
    if not all(measure.name in _SUMS for measure in measures(query.metrics)):
        return None
    term = parse(query.filter).term
    names = {key.column.name for key in keys(query.by, Parameters())} | {
        each.name for each in fields_of(term)
    }
    # Between open ends buckets may be wanted from the first flow that matches to the last.
    has_ends = isinstance(term, Anything) or (query.since and query.until)
    return Rolled(table, _POINT, term) if names <= {*_POINT} and has_ends else None


def stands(field: Field) -> bool:
    """Whether a field is told by flows as it is, and not worked out."""
    return column(field) == f'"{field.name}"'


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
