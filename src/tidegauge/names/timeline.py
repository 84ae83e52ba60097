"""Statements about one thing over time, put in order so that at each instant at most one holds."""

from __future__ import annotations

from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EVER, FOREVER = -(2**63) + 1, 2**63 - 1
"""The ends of a span that has no beginning or no end, in nanoseconds since 1970."""

Value = TypeVar("Value")
Other = TypeVar("Other")


class Span(NamedTuple, Generic[Value]):
    """``value`` holds from ``since`` up to ``until``, excluded. Nothing holds in an empty span."""

    since: int
    until: int
    value: Value


def newest(statements: Iterable[Span[Value]]) -> list[Span[Value]]:
    """Let the newest statement decide: each holds until its own end or until the next is made.

    So an empty span, too, ends what was said before it. Of statements made at the same instant the one
    with the latest end counts, then the greatest value. Returned by time, equal neighbours joined.

    >>> newest([Span(0, 100, "john"), Span(40, 60, "sarah")])
    [Span(since=0, until=40, value='john'), Span(since=40, until=60, value='sarah')]
    """
    ordered = sorted(statements)
    found: list[Span[Value]] = []
    for statement, following in zip_longest(ordered, ordered[1:]):
        until = statement.until if following is None else min(statement.until, following.since)
        if until > statement.since:
            _append(found, statement._replace(until=until))
    return found


def joined(spans: Iterable[Span[Value]]) -> list[Span[Value]]:
    """Make one span of neighbours that touch and say the same; the spans are disjoint and come by time."""
    found: list[Span[Value]] = []
    for span in spans:
        _append(found, span)
    return found


def overlay(layers: Iterable[list[Span[Value]]]) -> list[Span[tuple[Value, ...]]]:
    """Cut time wherever any layer changes, and say what all of them say there, in their order.

    Each layer is disjoint and by time. Where all are silent there is no span.

    >>> overlay([[Span(0, 4, "a")], [Span(2, 6, "b")]])[1]
    Span(since=2, until=4, value=('a', 'b'))
    """
    waiting = [list(reversed(layer)) for layer in layers]
    edges = sorted({edge for layer in waiting for span in layer for edge in (span.since, span.until)})
    found = []
    for since, until in pairwise(edges):
        for layer in waiting:
            while layer and layer[-1].until <= since:
                layer.pop()
        values = tuple(layer[-1].value for layer in waiting if layer and layer[-1].since <= since)
        if values:
            found.append(Span(since, until, values))
    return found


def crossed(left: Iterable[Span[Value]], right: Sequence[Span[Other]]) -> Iterator[Span[tuple[Value, Other]]]:
    """Yield what two layers say wherever both say something; each is disjoint and by time."""
    place = 0
    for span in left:
        while place < len(right) and right[place].until <= span.since:
            place += 1
        for other in right[place:]:
            if other.since >= span.until:
                break
            since, until = max(span.since, other.since), min(span.until, other.until)
            yield Span(since, until, (span.value, other.value))


def _append(found: list[Span[Value]], span: Span[Value]) -> None:
    if found and found[-1].until == span.since and found[-1].value == span.value:
        found[-1] = found[-1]._replace(until=span.until)
    else:
        found.append(span)
