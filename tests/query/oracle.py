"""What answers should be, worked out slowly in plain Python from the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tidegauge.flow.spreading import clamped_start, share
from tidegauge.query.intervals import PAUSE
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


def counted_distinct(flows: Sequence[Flow], field: str) -> int:
    """How many values a field has."""
    return len({flow[field] for flow in flows if flow.get(field) is not None})


def busy(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Sessions and whole seconds: spans less than a pause apart are one session."""
    merged: list[tuple[int, int]] = []
    for begun, ended in sorted(spans):
        if merged and begun - merged[-1][1] < PAUSE:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        else:
            merged.append((begun, ended))
    return len(merged), sum(ended - begun for begun, ended in merged) // 10**9


def rate(flows: Sequence[Flow], since: int, until: int, step: int, percent: int) -> int:
    """The bits per second that ``percent`` of all buckets do not exceed, by the nearest rank."""
    octets = []
    for bucket in range(since // step, (until - 1) // step + 1):
        cut = max(since, bucket * step), min(until, (bucket + 1) * step)
        octets.append(sum(share(flow["bytes"], *life(flow), *cut) for flow in flows))
    place = -(-len(octets) * percent // 100)
    return sorted(octets)[place - 1] * 8 * 10**9 // step
