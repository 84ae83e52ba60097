"""The questions that are installed: ours, and those that other packages bring.

A question is a function ``(lake, query, now) -> Answer`` under the entry point group ``tidegauge.questions``.
A report asks by name, so a section can show whatever somebody can compute.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

    Question: TypeAlias = Callable[[Lake, Query, int], Answer]

GROUP = "tidegauge.questions"


def question_names() -> list[str]:
    """The names that can be asked by."""
    return sorted(entry_points(group=GROUP).names)


def question_named(name: str) -> Question:
    """The question of a name. Raises KeyError when none is installed under it."""
    found: Question = entry_points(group=GROUP)[name].load()
    return found
