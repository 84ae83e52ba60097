"""Preparation: what the questions of a page share, made before any of them is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.reading import Reading
from tidegauge.query import duplicates, named

if TYPE_CHECKING:
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake


def prepare(lake: Lake, query: Query, now: int) -> int:
    """Name the flows of a range, where these are few enough to be kept, and find those that are there twice.

    Of more flows each question works out what it needs, which would be done for nothing here.
    Returns how many flows each question looks through, but for those that came last. Raises QuestionError
    and LakeError as the questions would.
    """
    with Reading(lake, query, now) as reading:
        if reading.traits.may_be_named:
            reading.need((named.RELATION, duplicates.RELATION))
        return reading.engine.scanned.rows
