"""A day of the simulated office, brought into a lake as a site would, with the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from tidegauge.app.file_import import ImportOrder, import_files
from tidegauge.lab.activity import DAY, MINUTE
from tidegauge.lab.capture import CaptureFile
from tidegauge.lab.dhcp import Lease
from tidegauge.lab.inventory import write_inventory
from tidegauge.lab.lan import Lan
from tidegauge.lab.logs import Logs
from tidegauge.lab.name_feed import NameFeed
from tidegauge.lab.office import Office, whole_day
from tidegauge.lab.past import write_past
from tidegauge.lab.router import EDGE1, EDGE2, UPTIME, Router
from tidegauge.lab.truth import Truth
from tidegauge.store.lake import Lake

MIDNIGHT = 20_000 * DAY
"""2024-10-04, UTC."""
END = MIDNIGHT + DAY


@dataclass(frozen=True)
class OfficeDay:
    """What is in the lake, what was really done, and who had which address when."""

    lake: Lake
    truth: Truth
    leases: list[Lease]


def office_day(folder: Path, seed: int = 1) -> OfficeDay:
    """Play the day from ``MIDNIGHT`` on and import what the routers exported and the servers wrote down."""
    truth = Truth()
    office = Office(
        iter(whole_day(seed, MIDNIGHT)), Lan(seed), Random(seed), live_from=END + DAY, truth=truth
    )
    lake = Lake.create(folder / "lake")
    write_inventory(lake)
    routers = {plan.name: Router(plan, MIDNIGHT - UPTIME) for plan in (EDGE1, EDGE2)}
    sources = {plan.name: (plan.address, 40_000) for plan in (EDGE1, EDGE2)}
    capture_path = folder / "exports.pcap"
    now = END + 2 * MINUTE
    with Logs(folder / "log") as logs, CaptureFile(capture_path) as capture:
        write_past(office, routers, now, capture, sources, logs)
    import_files(lake, ImportOrder([capture_path], "::", is_one_session=False, ends_now=False), now)
    NameFeed(lake, logs).read(now)
    return OfficeDay(lake, truth, office.lan.dhcp.leases)
