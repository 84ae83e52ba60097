"""The simulated office in a lake: one whole day, and the days before it as far as a test needs them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

from tests import traffic
from tidegauge._core import Batch
from tidegauge.lab.activity import DAY, HOUR, Activity
from tidegauge.lab.address import packed
from tidegauge.lab.conversation import ENDED, Flow
from tidegauge.lab.lan import Lan
from tidegauge.lab.office import Office, whole_day
from tidegauge.lab.router import flow_columns
from tidegauge.lab.story import story
from tidegauge.store.lake import Lake
from tidegauge.store.load import Load

MIDNIGHT = traffic.SINCE - 9 * HOUR
FLOWS_A_BATCH = 100_000


def office_lake(
    path: Path, *, seed: int = 1, earlier_days: int = 0, more: Iterable[traffic.Flow] = ()
) -> Lake:
    """A lake with the office's day from ``MIDNIGHT``, ``more`` flows, and the fixed part of earlier days."""
    lake = Lake.create(path)
    activities = whole_day(seed, MIDNIGHT)
    for day in range(1, earlier_days + 1):
        activities += story(MIDNIGHT - day * DAY, Random(day))
    with Load(lake, "office") as load:
        load.append(_batches([*_seen(activities, seed), *map(_reported, more)]))
        load.commit(MIDNIGHT + DAY)
    return lake


def _seen(activities: list[Activity], seed: int) -> list[Flow]:
    ordered = iter(sorted(activities, key=lambda activity: activity.start))
    end = MIDNIGHT + 2 * DAY
    return Office(ordered, Lan(seed), Random(seed), live_from=end).flows_until(end)


def _reported(flow: traffic.Flow) -> Flow:
    return Flow(
        export_after=flow.end,
        start=flow.start,
        end=flow.end,
        src_addr=packed(flow.src_addr),
        dst_addr=packed(flow.dst_addr),
        src_port=flow.src_port,
        dst_port=flow.dst_port,
        protocol=flow.protocol,
        tcp_flags=flow.tcp_flags or 0,
        packets=flow.packets,
        bytes=flow.bytes,
        flow_end_reason=ENDED,
        outbound=True,
    )


def _batches(flows: list[Flow]) -> list[Batch]:
    parts = [flows[n : n + FLOWS_A_BATCH] for n in range(0, len(flows), FLOWS_A_BATCH)]
    return [Batch(flow_columns(part, 0)) for part in parts]
