"""What becomes of a lake once its day is over: the upkeep of hours and of days, done at once."""

from __future__ import annotations

import time
from pathlib import Path

from report import Row

from tidegauge.store.lake import Lake
from tidegauge.store.segment import HOUR
from tidegauge.store.upkeep import keep_up

NAMES = ("aged_bytes_per_flow", "rollup_bytes_per_flow", "joining_microseconds", "summing_microseconds")
NOTHING: Row = dict.fromkeys(NAMES, "")


def age(folder: Path) -> Row:
    """Do what a collector does when an hour is over, and when the day is; tell what that cost a flow."""
    lake, began = Lake.open(folder), time.time_ns()
    steps = [
        step
        for hours in (2, 50)
        for step in keep_up(lake, began + hours * HOUR, present=False, wait=time.sleep)
    ]
    failed = [step.note for step in steps if step.what == "failed"]
    if failed:
        raise RuntimeError(f"{folder}: {failed[0]}")
    segments = [each for each in lake.manifest().segments if each.table == "flows"]
    flows = sum(each.rows for each in segments)
    seconds = {
        what: sum(step.cpu_seconds for step in steps if step.what == what) for what in ("merged", "rolled")
    }
    values = (
        sum(each.bytes for each in segments) / flows,
        sum(each.rollup.bytes for each in segments if each.rollup) / flows,
        *(seconds[what] * 1e6 / flows for what in ("merged", "rolled")),
    )
    return {name: round(value, 2) for name, value in zip(NAMES, values, strict=True)}
