"""Timeless questions: those whose answer no time of a flow can change, but for the time that flows span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.grouping import keys
from tidegauge.query.lookups import fields_of
from tidegauge.query.measure import measures
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.rolled import stands
from tidegauge.query.sampling import INTERVAL

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.question import Query

_OF_A_TIME = frozenset({"start", "end", "clock_correction", "clock_bound", INTERVAL})
"""The columns that a correction changes: sampling is stated for stretches of time."""

_KINDS = ("sum", "share", "distinct")


def is_timeless(query: Query) -> bool:
    """Whether groups are the same whatever times flows tell, if each flow counts. Raises QuestionError.

    Fields that are worked out may be as of a time, as names are, and so may estimates. Macros of the filter
    have to be written out.
    """
    if query.since or query.until or query.compare or query.direction:
        return False
    found = measures(query.metrics)
    if not all(measure.kind in _KINDS and not measure.factor for measure in found):
        return False
    keyed = (field for key in keys(query.by, Parameters()) for field in key.fields)
    counted = (measure.field for measure in found if measure.field)
    return all(map(_is_timeless, (*keyed, *counted, *fields_of(parse(query.filter).term))))


def _is_timeless(field: Field) -> bool:
    return stands(field) and field.name not in _OF_A_TIME
