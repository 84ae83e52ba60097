from __future__ import annotations

from tidegauge.query.syntax import And, Anything, Match, Not, Or, conjunction, depth, disjunction

A, B, C = (Match("src_port", "=", (port,)) for port in (1, 2, 3))


def test_terms_of_one_kind_are_laid_flat() -> None:
    assert conjunction([And((A, B)), C]) == And((A, B, C))
    assert disjunction([A, Or((B, C))]) == Or((A, B, C))
    assert conjunction([Or((A, B)), C]) == And((Or((A, B)), C))


def test_one_term_needs_no_frame() -> None:
    assert conjunction([A]) == disjunction([A]) == A


def test_depth_counts_the_longest_nesting() -> None:
    assert depth(Anything()) == 1
    assert depth(And((A, Not(Or((B, C)))))) == 4
