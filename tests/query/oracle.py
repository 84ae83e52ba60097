"""What answers should be, worked out slowly in plain Python from the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tidegauge.flow.spreading import clamped_start, share
from tidegauge.query.syntax import And, Anything, Match, Not, Or, Span, Term

FILTERED = ("src_port", "dst_port", "port", "protocol", "bytes")
"""What the oracle can filter by: numbers, and one either-side word."""

Flow = Mapping[str, Any]


def satisfies(flow: Flow, term: Term) -> bool:
    """Whether a filter matches, in logic with two values."""
    match term:
        case Anything():
            return True
        case Not(inner):
            return not satisfies(flow, inner)
        case And(inner):
            return all(satisfies(flow, each) for each in inner)
        case Or(inner):
            return any(satisfies(flow, each) for each in inner)
        case Match(field, operator, values):
            sides = ("src_port", "dst_port") if field == "port" else (field,)
            return any(_compare(flow.get(side), operator, value) for side in sides for value in values)


def _compare(actual: int | None, operator: str, wanted: Any) -> bool:
    if wanted is None or actual is None:
        return wanted is actual
    if isinstance(wanted, Span):
        return wanted.low <= actual <= wanted.high
    comparisons = {
        "=": actual == wanted, "<": actual < wanted, "<=": actual <= wanted, ">": actual > wanted,
        ">=": actual >= wanted,
    }  # fmt: skip
    return bool(comparisons[operator])


def life(flow: Flow) -> tuple[int, int]:
    """Where a flow's counters are spread."""
    start = next(flow[name] for name in ("start", "end", "received") if flow.get(name) is not None)
    end = next(flow[name] for name in ("end", "start", "received") if flow.get(name) is not None)
    return clamped_start(start, max(start, end)), max(start, end)


def counted(flows: Sequence[Flow], key: str, since: int, until: int) -> dict[Any, dict[str, int]]:
    """Bytes and flows by one field, in a range of time."""
    sums: dict[Any, Counter[str]] = {}
    for flow in flows:
        start, end = life(flow)
        if start < until and end >= since:
            group = sums.setdefault(flow.get(key), Counter())
            group["bytes"] += share(flow["bytes"], start, end, since, until)
            group["flows"] += 1
    return {name: {"bytes": group["bytes"], "flows": group["flows"]} for name, group in sums.items()}
