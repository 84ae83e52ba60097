"""The day before the page opens, written as the capture that a collector would have made of it.

It goes into the lake by the ordinary import, so the past looks exactly as if we had been there.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tidegauge.lab.activity import DAY, SECOND
from tidegauge.lab.logs import WRITTEN_AFTER
from tidegauge.lab.router import seen_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.lab.capture import CaptureFile
    from tidegauge.lab.conversation import Flow
    from tidegauge.lab.logs import Logs
    from tidegauge.lab.office import Office
    from tidegauge.lab.router import Router

EXPORT_INTERVAL = 20 * SECOND
# A datagram takes 0.2 to 3 ms from a router to its collector, which bounds the router's clock.
SHORTEST_DELAY = 200_000
LONGEST_DELAY = 3_000_000


def write_past(
    office: Office,
    routers: Mapping[str, Router],
    now: int,
    capture: CaptureFile,
    sources: Mapping[str, tuple[str, int]],
    logs: Logs,
) -> int:
    """Write what the routers exported in the day before ``now``; returns how many flows that was.

    ``routers`` and ``sources``, the address and port each exports from, are by router name. What the
    machines wrote down in that time goes to ``logs``.
    """
    random = Random(now)  # noqa: S311 (a simulation must repeat)
    collector = ("127.0.0.1", 2055)
    written = 0
    for due in range(now - DAY + EXPORT_INTERVAL, now + 1, EXPORT_INTERVAL):
        # No router exports on the tick of its clock; one that did would hide how far that is off.
        moment = due - random.randrange(SECOND)
        flows = office.flows_until(moment)
        written += len(flows)
        logs.write(office.lan.journal.entries_until(moment - WRITTEN_AFTER))
        for name, own in by_router(flows).items():
            for datagram in routers[name].export(own, moment):
                arrival = moment + random.randint(SHORTEST_DELAY, LONGEST_DELAY)
                capture.add(datagram, sources[name], collector, arrival)
    logs.keep_leases(office.lan.dhcp.lease_file(now))
    return written


def by_router(flows: list[Flow]) -> dict[str, list[Flow]]:
    """Sort flows by the name of the router that sees them."""
    seen: dict[str, list[Flow]] = {}
    for flow in flows:
        seen.setdefault(seen_by(flow).name, []).append(flow)
    return seen
