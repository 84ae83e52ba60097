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
    from tidegauge.query.syntax import Term

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
    for part in term.terms if isinstance(term, And) else (term,):
        pair = _splittable(part)
        if pair is None or not isinstance(part, Match) or 2 * len(found) > MAX_ALTERNATIVES:
            found = [[*branch, part] for branch in found]
            continue
        left = Match(pair.left.name, part.operator, part.values)
        right = Match(pair.right.name, part.operator, part.values)
        found = [[*branch, *side] for branch in found for side in ([left], [right, Not(left)])]
    return tuple(conjunction(branch) for branch in found) if len(found) > 1 else (term,)


def _splittable(term: Term) -> Pair | None:
    if not isinstance(term, Match) or term.operator != "=" or None in term.values:
        return None
    entry = field_or_pair(term.field)
    return entry if isinstance(entry, Pair) and not entry.left.is_derived else None
