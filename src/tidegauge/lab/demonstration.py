"""The demonstration: what a site would run, all on loopback and gone when it ends.

Two simulated routers export to a real collector, a real page shows it, a real time server answers.
Only the lake is temporary and only the traffic is made up.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tidegauge.app.collector import Collector
from tidegauge.app.file_import import ImportOrder, import_files
from tidegauge.app.time_keeping import time_kept
from tidegauge.app.time_service import TimeService, in_background, time_service
from tidegauge.app.time_service_order import TimeServiceOrder
from tidegauge.flow.addresses import text_from_address
from tidegauge.lab.capture import CaptureFile
from tidegauge.lab.inventory import owner_of, write_inventory
from tidegauge.lab.live_exports import PLANS, LiveExports
from tidegauge.lab.logs import Logs
from tidegauge.lab.name_feed import NameFeed
from tidegauge.lab.office import demonstration_office
from tidegauge.lab.past import write_past
from tidegauge.ntp.service_record import STATE_FOLDER
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake
from tidegauge.web.application import create_application
from tidegauge.web.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegauge.lab.office import Office

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Demonstration:
    """The parts while they run, and the office whose doings are the truth about them."""

    lake: Lake
    office: Office
    page: Server
    time_service: TimeService
    collector: Collector
    logs: Logs
    token: str | None

    @property
    def collector_address(self) -> ListenAddress:
        """Where flow exports are welcome: a real router may join in."""
        return self.collector.addresses[0]

    @property
    def time_address(self) -> str:
        """Where NTP is answered."""
        return self.time_service.listening[0]

    @property
    def second_hand(self) -> str:
        """Which address has changed hands in the past day, in words; that of two people if there is one."""
        handovers = list(self.office.lan.dhcp.handovers())
        between_people = [pair for pair in handovers if all(owner_of(lease.device.name) for lease in pair)]
        for before, after in (between_people or handovers)[-1:]:
            address = text_from_address(before.address)
            return f"{address} was the address of {before.device.name}, then of {after.device.name}"
        return "no address has changed hands"

    def missing(self) -> list[str]:
        """What is not there yet, in words: the page's answer, or live flows of a router."""
        exporters = self.collector.statistics()["exporters"]
        heard = {row["exporter"] for row in exporters if row["counters"]["records"]}
        missing = [f"flows of {plan.name}" for plan in PLANS if plan.address not in heard]
        status = self._page_status()
        if status != HTTPStatus.OK:
            missing.append(f"the page at {self.page.address} ({status})")
        return missing

    def _page_status(self) -> int | str:
        """What the page answers; the token opens it as a visitor's would."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection = HTTPConnection(self.page.address.removeprefix("http://"), timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/", headers=headers)
            return connection.getresponse().status
        except (OSError, HTTPException) as error:
            return str(error)
        finally:
            connection.close()


@contextmanager
def demonstration(
    listen: tuple[str, int], token: str | None, *, seed: int, midnight: int, clock: Callable[[], int]
) -> Iterator[Demonstration]:
    """Run everything; inside the context the past day is in the lake and the routers are at work.

    ``listen`` is for the page, the other ports are free ones; ``midnight`` is the last one on the wall
    clock here, in nanoseconds since 1970 as ``clock`` gives them. Raises OSError when the page's
    address is taken or not ours.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tidegauge-demo-")))
        lake = Lake.create(folder / "lake")
        page = Server(create_application(lake.path, token, clock=clock, foresees=True), *listen)
        collector = Collector(lake, [ListenAddress(LOOPBACK, 0)], clock)
        collector.start()
        stack.callback(collector.stop)
        keeping = stack.enter_context(time_kept(lake))
        order = TimeServiceOrder(listen=f"udp://{LOOPBACK}:0").plan(clock())
        state = lake.path / STATE_FOLDER
        service = stack.enter_context(time_service(order, keeping.own_clock, clock, state=state))
        stack.enter_context(in_background(service))
        # The last to come is the first to go: what the routers sent is still received and stored.
        logs = stack.enter_context(Logs(folder / "log"))
        names = NameFeed(lake, logs)
        exports = stack.enter_context(LiveExports(clock))
        office = demonstration_office(seed, clock(), midnight)
        write_inventory(lake)
        _remember(office, exports, logs, lake, folder / "past.pcap", clock)
        names.read(clock())
        page.start()
        stack.callback(page.stop)
        exports.start(office, names, collector.addresses[0][:2])
        yield Demonstration(lake, office, page, service, collector, logs, token)


def _remember(
    office: Office, exports: LiveExports, logs: Logs, lake: Lake, path: Path, clock: Callable[[], int]
) -> None:
    """Bring the past day in by the ordinary import, as a capture of it."""
    with CaptureFile(path) as capture:
        write_past(office, exports.routers(), clock(), capture, exports.sources(), logs)
    import_files(lake, ImportOrder([path], exporter="::", is_one_session=False, ends_now=False), clock())
    path.unlink()
