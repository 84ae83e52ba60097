"""Two-way bounds: what a packet of known times says about the clock of whatever metered it on the way.

A question left at ``sent`` and its answer was here at ``received``, by our clock. Both passed the exporter
in between. So where its clock told a passing as R, that clock had not yet reached R when we sent, nor was
it still before R when we received: a floor and a ceiling for its offset. Nothing is assumed of the ways,
which may differ as they like, and nothing is asked of the exporter.

Where it tells both the question's passing and the answer's, the earlier one gives the ceiling and the later
one the floor. What lies between the two, the way beyond the exporter and the time the server took, then
cancels: what is left is the round trip between us and the exporter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.feasible_set import Limit

if TYPE_CHECKING:
    from collections.abc import Collection

_SKEW_ALLOWANCE = 10_000
"""One part in so many that a clock may run fast: how far its offset may move while ours is uncertain."""


class Passing(NamedTuple):
    """What an exporter's clock showed when a packet passed: not before ``least`` and not after ``most``.

    They differ by what the record cut off.
    """

    least: int
    most: int


def limits_of_exchange(
    sent: int, received: int, passings: Collection[Passing], own_bound: int = 0
) -> tuple[Limit, Limit]:
    """The floor and the ceiling of an exporter's offset; ``own_bound`` is how far our own clock may be off.

    All ``passings`` are of packets of the one exchange. Each limit holds exactly at its own moment, for
    any clock that never runs backwards.

    Raises ValueError where the exchange ended before it began, or nothing passed.

    >>> limits_of_exchange(sent=1_000, received=1_020, passings=[Passing(5_005, 5_006)])
    (Limit(at=1020, offset=3985), Limit(at=1000, offset=4006))
    """
    if received < sent:
        raise ValueError("the answer came before the question: our own clock was set in between")
    if not passings:
        raise ValueError("what no exporter saw says nothing about a clock")
    wide = own_bound + -(-own_bound // _SKEW_ALLOWANCE)
    latest = max(passing.least for passing in passings)
    earliest = min(passing.most for passing in passings)
    return Limit(received, latest - received - wide), Limit(sent, earliest - sent + wide)


class Crossing(NamedTuple):
    """A question and its answer as one exporter saw them pass."""

    question: Passing
    answer: Passing


def difference_of_clocks(near: Crossing, far: Crossing) -> tuple[int, int]:
    """Between which offsets the far exporter's clock lies from the near one's, in nanoseconds.

    The near one lies closer to who asked: the question passed it first, the answer last. No clock of ours
    takes part, so any traffic will do. The bounds are as far apart as the way between the two takes there
    and back. Bounds that exclude each other say that the order was the other one, or that a clock was set.

    >>> at = lambda moment: Passing(moment, moment)
    >>> difference_of_clocks(Crossing(at(10), at(50)), Crossing(at(1_015), at(1_040)))
    (990, 1005)
    """
    return far.answer.least - near.answer.most, far.question.most - near.question.least


def difference_either_way(first: Crossing, second: Crossing) -> tuple[int, int]:
    """The same for two exporters of which nobody knows which is nearer; nor which packet was the question.

    The second exporter's clock minus the first one's lies between what the question tells and what the
    answer tells, whichever is greater, as long as the two pass the exporters in opposite orders. While
    they were under way the clocks drifted; that is allowed for.

    >>> at = lambda moment: Passing(moment, moment)
    >>> difference_either_way(Crossing(at(1_015), at(1_040)), Crossing(at(10), at(50)))
    (-1006, -989)
    """
    told = [
        (theirs.least - ours.most, theirs.most - ours.least)
        for ours, theirs in zip(first, second, strict=True)
    ]
    apart = max(abs(crossing.answer.most - crossing.question.least) for crossing in (first, second))
    drift = -(-2 * apart // _SKEW_ALLOWANCE)
    return min(low for low, _ in told) - drift, max(high for _, high in told) + drift
