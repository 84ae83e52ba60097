"""Counting over a flow's whole life: which part of a counter falls into a range of time.

A flow says how much, from when, to when, and nothing of what happened between. We take the
rate as even and give each range its integer share, so that shares of adjoining ranges add up
to the whole. The alternative, everything at the moment of export, draws spikes where there
were none.
"""

from __future__ import annotations

MAX_FLOW_AGE = 86_400_000_000_000
"""The longest life a counter is spread over, in nanoseconds: one day.

A record may claim to have started in 1970. Of such a flow only the last day is believed.
"""


def share(count: int, start: int, end: int, since: int, until: int) -> int:
    """The part of ``count`` that falls into ``[since, until)``; a flow without length falls at its start.

    >>> share(10, 0, 3, 0, 1), share(10, 0, 3, 1, 2), share(10, 0, 3, 2, 3)
    (3, 3, 4)
    """
    if start >= end:
        return count if since <= start < until else 0
    if until <= start or since >= end:
        return 0
    length = end - start
    return count * (min(until, end) - start) // length - count * (max(since, start) - start) // length


def clamped_start(start: int, end: int) -> int:
    """Where spreading begins: the flow's start, but at most ``MAX_FLOW_AGE`` before its end."""
    return max(start, end - MAX_FLOW_AGE)
