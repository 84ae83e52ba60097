"""The rule of ``tidegauge.flow.spreading`` as SQL, in 128-bit whole numbers, and the metrics made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.margins import high, low, was_sampled
from tidegauge.query.traits import UNKNOWN

if TYPE_CHECKING:
    from tidegauge.query.measure import Measure
    from tidegauge.query.traits import Traits


def share(counter: str, since: str, until: str) -> str:
    """The part of ``counter`` that falls into ``[since, until)``, for a flow that overlaps it; "" is open.

    Most flows lie wholly inside, and for them nothing is multiplied.
    """
    if not since and not until:
        return counter
    whole = " AND ".join([f"lived_from >= {since}"] * bool(since) + [f"lived_to <= {until}"] * bool(until))
    first, last = began(since), ended(until)
    return f"CASE WHEN {whole} THEN {counter} ELSE {_before(counter, last)} - {_before(counter, first)} END"


def began(since: str) -> str:
    """Where a flow's part of the range begins."""
    return f"greatest(lived_from, {since})" if since else "lived_from"


def ended(until: str) -> str:
    """Where a flow's part of the range ends."""
    return f"least(lived_to, {until})" if until else "lived_to"


def total(
    index: int, measure: Measure, counter: str, weight: str = "weight", traits: Traits = UNKNOWN
) -> str:
    """The aggregate that sums a metric whose cut counter is the SQL ``counter``."""
    if not measure.counter:
        if not traits.has_reverse:
            return f'count(*) AS "{measure.name}"'  # every row weighs one
        return f'CAST(sum({weight}) AS BIGINT) AS "{measure.name}"'
    if measure.factor:
        return f'sum(CAST({counter} AS HUGEINT) * x{index}) AS "{measure.name}"'
    if measure.counter in traits.small:
        # Half the work of a sum in 128 bits. No test for an overflow: there is none.
        return f'sum_no_overflow(CAST({counter} AS BIGINT)) AS "{measure.name}"'
    return f'sum({counter}) AS "{measure.name}"'


def aggregate(
    index: int, measure: Measure, since: str, until: str, weight: str = "weight", traits: Traits = UNKNOWN
) -> str:
    """The aggregate of a metric over the parts of flows that fall into ``[since, until)``."""
    counter, factor = share(f"m{index}", since, until), f"x{index}"
    beside = share(f"n{index}", since, until) if measure.beside else ""
    match measure.kind:
        case "low":
            sql = low(counter, factor, beside)
        case "high":
            sql = high(counter, factor, beside)
        case "sampled":
            sql = was_sampled(factor)
        case "distinct":
            sql = f"count(DISTINCT v{index})"
        case "first":
            sql = f"min({began(since)})"
        case "last":
            sql = f"max({ended(until)})"
        case _:
            return total(index, measure, counter, weight, traits)
    return f'{sql} AS "{measure.name}"'


def _before(counter: str, instant: str) -> str:
    length = "(lived_to - lived_from)"
    passed = f"({instant} - lived_from)"
    small = f"CAST(CAST({counter} AS BIGINT) * {passed} // {length} AS UBIGINT)"
    large = f"CAST(CAST({counter} AS HUGEINT) * {passed} // {length} AS UBIGINT)"
    # Division in 128 bits is slow, and nearly no flow needs it.
    return f"CASE WHEN {counter} <= {2**63 - 1} // {length} THEN {small} ELSE {large} END"
