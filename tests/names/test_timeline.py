from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tidegauge.names.timeline import Span, crossed, joined, newest, overlay

MOMENTS = range(-1, 13)
spans = st.builds(
    lambda since, length, value: Span(since, since + length, value),
    st.integers(0, 8),
    st.integers(0, 4),
    st.sampled_from("abc"),
)
statements = st.lists(spans, max_size=8)


def at(moment: int, found: list[Span[str]]) -> list[str]:
    return [span.value for span in found if span.since <= moment < span.until]


def newest_at(moment: int, said: list[Span[str]]) -> list[str]:
    """The rule, taken by its word: the last statement made by then decides, if it still holds."""
    made = [span for span in said if span.since <= moment]
    return [last.value for last in [max(made)] if last.until > moment] if made else []


@given(statements)
def test_the_newest_statement_decides(said: list[Span[str]]) -> None:
    found = newest(said)
    assert [at(moment, found) for moment in MOMENTS] == [newest_at(moment, said) for moment in MOMENTS]


@given(statements)
def test_spans_are_disjoint_by_time_and_joined(said: list[Span[str]]) -> None:
    found = newest(said)
    assert all(span.since < span.until for span in found)
    assert all(
        before.until < after.since or (before.until == after.since and before.value != after.value)
        for before, after in pairwise(found)
    )
    assert newest(found) == joined(found) == found


@given(st.lists(statements, max_size=4))
def test_an_overlay_says_what_every_layer_says(layers: list[list[Span[str]]]) -> None:
    flat = [newest(layer) for layer in layers]
    found = overlay(flat)
    for moment in MOMENTS:
        said = tuple(value for layer in flat for value in at(moment, layer))
        assert [span.value for span in found if span.since <= moment < span.until] == ([said] if said else [])


@given(statements, statements)
def test_crossing_keeps_what_both_say(left: list[Span[str]], right: list[Span[str]]) -> None:
    one, other = newest(left), newest(right)
    found = list(crossed(one, other))
    for moment in MOMENTS:
        both = [(a, b) for a in at(moment, one) for b in at(moment, other)]
        assert [span.value for span in found if span.since <= moment < span.until] == both
