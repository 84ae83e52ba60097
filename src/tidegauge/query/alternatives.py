"""A filter as alternatives that exclude each other, so that a database can skip what cannot match.

``port 443`` asks two columns at once. A database knows the least and the greatest value of each column in
each block of rows and skips blocks by that, but not across an ``or``. So it is asked twice, once for each
column, and each flow is taken by exactly one: the second alternative leaves out what the first has taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.syntax import And, Match, Not, conjunction
from tidegauge.query.vocabulary import Pair, field_or_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.query.syntax import Term

_ADDRESS = "addr"
MAX_ALTERNATIVES = 4
"""Each alternative is a pass over the blocks that are left; two either-side words make four."""


def branches(term: Term) -> tuple[Term, ...]:
    """Terms of which exactly one matches wherever ``term`` does, and none elsewhere.

    One term, ``term`` itself, where nothing would be skipped: without an either-side word that every
    flow must satisfy, and where one is compared by order or absence, which nearly every block can hold.

    >>> from tidegauge.query.canonical import canonical
    >>> [canonical(branch) for branch in branches(Match("port", "=", (443,)))]
    ['src_port = 443', 'dst_port = 443 and src_port != 443']
    """
    found: list[list[Term]] = [[]]
    parts = term.terms if isinstance(term, And) else (term,)
    chosen = _worth_asking([pair for part in parts if (pair := _splittable(part))])
    for part in parts:
        pair = _splittable(part)
        if (
            pair is None
            or pair.name not in chosen
            or not isinstance(part, Match)
            or 2 * len(found) > MAX_ALTERNATIVES
        ):
            found = [[*branch, part] for branch in found]
            continue
        left = Match(pair.left.name, part.operator, part.values)
        right = Match(pair.right.name, part.operator, part.values)
        found = [[*branch, *side] for branch in found for side in ([left], [right, Not(left)])]
    return tuple(conjunction(branch) for branch in found) if len(found) > 1 else (term,)


def _worth_asking(pairs: Sequence[Pair]) -> frozenset[str]:
    """The names of those to ask each side of.

    Beside an address any other word only doubles the passes: of the few flows that an address leaves the
    other columns are hardly read.
    """
    names = frozenset(pair.name for pair in pairs)
    return names & {_ADDRESS} or names


def _splittable(term: Term) -> Pair | None:
    if not isinstance(term, Match) or term.operator != "=" or None in term.values:
        return None
    entry = field_or_pair(term.field)
    return entry if isinstance(entry, Pair) and not entry.left.is_derived else None
