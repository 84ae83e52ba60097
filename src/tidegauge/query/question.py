"""The question every part of tidegauge asks with: one type for CLI, API, page address, view and alert."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from tidegauge.clock.duration_text import duration_from_text
from tidegauge.query.error import QuestionError

DEFAULT_METRICS = ("bytes", "packets", "flows")
MINIMUM_STEP = 1_000_000_000
"""Nanoseconds. A flow may live a day, and each of its buckets is a row while it is counted."""


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to count, over which flows and time, grouped and ordered how. Text throughout, as typed.

    ``top`` is how many rows or groups to give, 0 for all, None for what suits the question.
    ``order`` is a field or metric, empty for what suits the question: metrics come largest
    first, anything else ascending, and ``:asc`` or ``:desc`` after the name says it outright.
    ``duplicates`` is ``once`` to count what several observation points saw at one of them, or ``all``;
    empty counts it once unless the question is about the observation points themselves.
    ``direction`` is ``up`` or ``down`` for flows that leave or enter home. ``compare`` is an earlier time to
    compare with, ``having`` a condition on the rows of the answer. ``fill`` gives empty buckets their rows.
    ``cursor`` is where an earlier page of the same question ended. ``muted`` asks for the findings that
    somebody wants to see no more of, instead of the others.
    """

    filter: str = ""
    since: str | None = None
    until: str | None = None
    time_zone: str = "UTC"
    step: str | None = None
    by: tuple[str, ...] = ()
    metrics: tuple[str, ...] = DEFAULT_METRICS
    top: int | None = None
    order: str = ""
    direction: str = ""
    compare: str | None = None
    having: str = ""
    duplicates: str = ""
    fill: bool = False
    cursor: str = ""
    muted: bool = False


def step_of(query: Query) -> int:
    """The width of a bucket in nanoseconds. Raises QuestionError when it is no duration or too short."""
    return chosen_step(query) or 60 * MINIMUM_STEP


def chosen_step(query: Query) -> int | None:
    """The width the question names, or None; raises as ``step_of`` does."""
    if query.step is None:
        return None
    try:
        step = duration_from_text(query.step)
    except ValueError as error:
        raise QuestionError(f"step: {error}") from None
    if step < MINIMUM_STEP:
        raise QuestionError(f"step {query.step} is shorter than a second")
    return step


def counts_once(query: Query) -> bool:
    """Whether a flow that several observation points saw counts at one of them. Raises QuestionError."""
    if query.duplicates not in ("", "once", "all"):
        raise QuestionError(f"duplicates are counted 'once' or 'all', not {query.duplicates!r}")
    return query.duplicates != "all"


_OPTIONAL = ("direction", "compare", "having", "fill", "cursor", "muted")


def refuse_unanswered(query: Query, answered: Collection[str] = ()) -> None:
    """Raise QuestionError for parts of the question that an answer does not take into account.

    To ignore them would give a wrong answer. ``answered`` are those it does take.
    """
    for name in _OPTIONAL:
        if getattr(query, name) and name not in answered:
            raise QuestionError(f"{name!r} means nothing to this question; leave it out")
