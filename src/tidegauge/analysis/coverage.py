"""Coverage: how much of what an interface counted its flows tell, and what a wrong share usually means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

TOLERANCE = 0.1
"""Flows are cut and exported at other moments than counters are read: so far from 1 nothing is wrong."""
LEAST_BYTES = 1_000_000
"""Below that a few packets decide."""
HALF, NEXT_TO_NOTHING, MANY = 0.5, 0.02, 0.2

Row = dict[str, Any]


def coverage_note(row: Row) -> str:
    """What a reader should know of how the flows of a link agree with its counters."""
    if row["counted_in"] is None and row["counted_out"] is None:
        return "flow volume not held against interface counters"
    if row["coverage_in"] is None and row["coverage_out"] is None:
        return "interface counters cover no whole minute whose flows are all here"
    return _reason(row, _odd_sides(row))


def coverage_warnings(rows: Iterable[Row]) -> list[str]:
    """One sentence for each link whose flows and counters disagree, the largest disagreement first."""
    found = [(_gap(row, odd), row, odd) for row in rows if (odd := _odd_sides(row))]
    found.sort(key=lambda each: -each[0])
    return [f"{row['link']}: {_reason(row, odd)}" for _, row, odd in found]


def _odd_sides(row: Row) -> list[str]:
    """Where flows tell clearly less or more than the interface counted, framing taken into account."""
    return [side for side in ("in", "out") if _is_odd(row, side)]


def _is_odd(row: Row, side: str) -> bool:
    coverage = row[f"coverage_{side}"]
    if coverage is None or row[f"counted_{side}"] < LEAST_BYTES:
        return False
    low, high = row[f"expected_{side}_low"], row[f"expected_{side}_high"]
    return (
        not (1 if low is None else low) - TOLERANCE <= coverage <= (1 if high is None else high) + TOLERANCE
    )


def _gap(row: Row, odd: list[str]) -> int:
    return max(int(abs(1 - row[f"coverage_{side}"]) * row[f"counted_{side}"]) for side in odd)


def _reason(row: Row, odd: list[str]) -> str:
    if not odd:
        return ""
    shares = {side: row[f"coverage_{side}"] for side in odd}
    told = " and ".join(f"{share:.0%} {side}" for side, share in shares.items())
    return f"flows tell {told} of what the interface counted: {_likely(row, shares)}"


def _likely(row: Row, shares: dict[str, float]) -> str:
    others = [row[f"coverage_{side}"] for side in ("in", "out") if side not in shares]
    highest = max(shares.values())
    if highest > 1:
        return "metered twice, or multiplied by a sampling interval that is not the real one"
    if highest < NEXT_TO_NOTHING and any(other is not None for other in others):
        [side] = shares
        where = "on arrival" if side == "out" else "on departure"
        return f"flows seem to be metered {where} only, and not at every interface"
    if highest < NEXT_TO_NOTHING:
        return (
            "the interface seems not to be metered, or packets are sampled and the exporter does not say so"
        )
    if any((row[f"group_share_{side}"] or 0) > MANY for side in shares):
        return "many packets were multicast or broadcast, which exporters seldom meter where they leave"
    if highest < HALF and not others:
        every = round(1 / highest)
        return f"packets seem to be sampled, about 1 in {every}, and the exporter does not say so"
    return "some of its traffic is not metered, or exports were lost (see tidegauge ledger)"
