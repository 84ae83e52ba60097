"""The rule of ``tidegauge.flow.sampling_error`` as SQL.

In doubles, because a hostile record may claim numbers whose squares no whole number holds; a margin
may so differ from the definition in its last digits.
"""

from __future__ import annotations

from tidegauge.flow.sampling_error import DEVIATIONS_PERCENT, LARGEST, SMALLEST, USUAL_LARGEST


def low(counter: str, factor: str, packets: str) -> str:
    """The aggregate of the low end: never below what was counted; null where nothing was sampled.

    ``packets`` is empty where the counter itself counts packets.
    """
    low_end = f"greatest(sum({counter}), {_estimate(counter, factor)} - {_margin(counter, factor, packets)})"
    return f"CASE WHEN {was_sampled(factor)} THEN {low_end} END"


def high(counter: str, factor: str, packets: str) -> str:
    """The aggregate of the high end; null where nothing was sampled."""
    high_end = f"{_estimate(counter, factor)} + {_margin(counter, factor, packets)}"
    return f"CASE WHEN {was_sampled(factor)} THEN {high_end} END"


def was_sampled(factor: str) -> str:
    """The aggregate that says whether any flow was."""
    return f"bool_or({factor} > 1)"


def _estimate(counter: str, factor: str) -> str:
    return f"sum(CAST({counter} AS HUGEINT) * {factor})"


def _margin(counter: str, factor: str, packets: str) -> str:
    squares = _squares(f"CAST({counter} AS DOUBLE)", f"CAST({packets} AS DOUBLE)") if packets else counter
    variance = f"sum(CAST({factor} AS DOUBLE) * ({factor} - 1) * {squares})"
    return f"CAST(ceil(sqrt({variance}) * {DEVIATIONS_PERCENT} / 100) AS HUGEINT)"


def _squares(octets: str, packets: str) -> str:
    largest = f"CASE WHEN {octets} <= {USUAL_LARGEST} * {packets} THEN {USUAL_LARGEST} ELSE {LARGEST} END"
    widest = f"({largest} + {SMALLEST}) * {octets} - {packets} * ({largest}) * {SMALLEST}"
    # Of bytes without a packet nothing is known; the greatest of something and NULL would be the something.
    even = f"coalesce(ceil({octets} * {octets} / nullif({packets}, 0)), {octets} * {octets})"
    return f"least({octets} * {octets}, coalesce(greatest({widest}, {even}), {octets} * {octets}))"
