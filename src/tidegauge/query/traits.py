"""Traits: what is known of the flows before a question looks at them, which makes it cheaper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traits:
    """What holds for all flows a statement reads; as it stands here where nothing is known.

    ``has_reverse``: a record may carry both directions (RFC 5103). ``small`` are the counters that come to
    less than 2**63 over all flows together. ``is_short``: none lived longer than is
    believed.
    ``may_be_named``: few enough to work out all their names at once.
    ``are_asked``: those that a filter leaves stand by themselves.
    """

    has_reverse: bool = True
    small: frozenset[str] = frozenset()
    is_short: bool = False
    may_be_named: bool = False
    are_asked: bool = False


UNKNOWN = Traits()
