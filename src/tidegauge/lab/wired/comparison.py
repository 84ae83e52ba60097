"""The lake beside the truth: what it tells of each person at each site, and what the kernel counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.sessions import sessions
from tidegauge.query.question import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.lab.wired.truth import Truth
    from tidegauge.store.lake import Lake

COLUMNS = {
    "user": "text",
    "site": "text",
    "bytes": "uint64",
    "bytes_true": "uint64",
    "seconds": "float64",
    "seconds_true": "float64",
    "service": "text",
    "note": "text",
}


def compare(lake: Lake, truth: Truth, now: int) -> list[dict[str, Any]]:
    """A row for each person and site that the truth knows, in order; null where the lake tells nothing."""
    answer = sessions(lake, Query(by=("user", "site", "service"), filter="bytes > 0", top=0), now)
    told = {(row["user"], row["site"]): row for row in answer.data}
    return [
        _row(person["name"].title(), visit, told.get((person["name"].title(), visit["site"]), {}))
        for person in truth.to_json()["people"]
        for visit in person["sites"]
    ]


def _row(user: str, visit: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    seconds = told.get("seconds")
    return {
        "user": user,
        "site": visit["site"],
        "bytes": told.get("bytes"),
        "bytes_true": visit["bytes_up"] + visit["bytes_down"],
        "seconds": None if seconds is None else round(seconds, 3),
        "seconds_true": None if visit["seconds"] is None else round(visit["seconds"], 3),
        "service": told.get("service"),
        "note": told.get("note"),
    }
