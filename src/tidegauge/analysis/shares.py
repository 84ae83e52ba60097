"""Shares: which part of everything a group is, alone and with all groups above it."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from tidegauge.query.error import QuestionError
from tidegauge.query.measure import measures

if TYPE_CHECKING:
    from tidegauge.query.question import Query

SHARES = ("share", "cumulative_share")


def shared_metric(query: Query) -> str:
    """The metric that shares are of: what the answer is ordered by, else bytes, else the first that adds up.

    Raises QuestionError where the question asks for shares and no metric adds up.
    """
    adding = [measure.name for measure in measures(query.metrics) if measure.is_additive]
    name = query.order.partition(":")[0]
    found = name if name in adding else next((each for each in ("bytes", *adding) if each in adding), "")
    if not found and not set(SHARES).isdisjoint(query.metrics):
        raise QuestionError("a share is one of a metric that adds up; add bytes, packets or flows")
    return found


def add_shares(rows: list[dict[str, Any]], metric: str, whole: int | None, *, overlap: bool) -> None:
    """Fill the columns of shares, where rows have them, with numbers from 0 to 1.

    ``overlap`` says that a flow may count in several rows: then the share that rows have together is unknown.
    """
    if not rows or not whole:
        return
    counts = [row.get(metric) or 0 for row in rows]
    for row, count, together in zip(rows, counts, accumulate(counts), strict=True):
        if "share" in row:
            row["share"] = count / whole
        if "cumulative_share" in row:
            row["cumulative_share"] = None if overlap else together / whole
