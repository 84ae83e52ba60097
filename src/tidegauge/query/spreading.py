"""The rule of ``tidegauge.flow.spreading`` as SQL, in 128-bit whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegauge.query.measure import Measure


def share(counter: str, since: str, until: str) -> str:
    """The part of ``counter`` that falls into ``[since, until)``, for a flow that overlaps it; "" is open.

    Most flows lie wholly inside, and for them nothing is multiplied.
    """
    if not since and not until:
        return counter
    whole = " AND ".join([f"lived_from >= {since}"] * bool(since) + [f"lived_to <= {until}"] * bool(until))
    last = f"least(lived_to, {until})" if until else "lived_to"
    first = f"greatest(lived_from, {since})" if since else "lived_from"
    return f"CASE WHEN {whole} THEN {counter} ELSE {_before(counter, last)} - {_before(counter, first)} END"


def total(index: int, measure: Measure, counter: str, weight: str = "weight") -> str:
    """The aggregate that sums a metric whose cut counter is the SQL ``counter``."""
    if not measure.counter:
        return f'CAST(sum({weight}) AS BIGINT) AS "{measure.name}"'
    if measure.factor:
        return f'sum(CAST({counter} AS HUGEINT) * x{index}) AS "{measure.name}"'
    return f'sum({counter}) AS "{measure.name}"'


def _before(counter: str, instant: str) -> str:
    length = "(lived_to - lived_from)"
    passed = f"({instant} - lived_from)"
    small = f"CAST(CAST({counter} AS BIGINT) * {passed} // {length} AS UBIGINT)"
    large = f"CAST(CAST({counter} AS HUGEINT) * {passed} // {length} AS UBIGINT)"
    # Division in 128 bits is slow, and nearly no flow needs it.
    return f"CASE WHEN {counter} <= {2**63 - 1} // {length} THEN {small} ELSE {large} END"
