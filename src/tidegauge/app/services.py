"""Everything that a configuration enables, running together in one process.

Datagrams are received, and NTP is answered, by Rust threads that never wait for Python: however much a page
asks, no flow is lost by it, and the time is told without delay.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegauge.app.collector import Collector
from tidegauge.app.collector_watch import require_statistics, watch, write_statistics
from tidegauge.app.configuration import TimeTable
from tidegauge.app.followed_names import followed_names
from tidegauge.app.intake import ReceivingSettings
from tidegauge.app.lake_readiness import kept_ready
from tidegauge.app.name_learning import names_followed
from tidegauge.app.probing import Probing, probed
from tidegauge.app.time_keeping import time_kept
from tidegauge.app.time_service import in_background, time_service
from tidegauge.ntp.service_record import STATE_FOLDER
from tidegauge.store.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from tidegauge.app.configuration import CollectTable, Configuration, ProbeTable, ServeTable
    from tidegauge.app.time_keeping import TimeKeeping
    from tidegauge.app.time_service_order import TimeServiceOrder

    Clock: TypeAlias = Callable[[], int]

WATCH_SECONDS = 3600.0


@dataclass(slots=True)
class Services:
    """What runs. ``listening`` holds every place that is listened at, by what is spoken there."""

    configuration: Configuration
    listening: list[str] = field(default_factory=list)
    collector: Collector | None = None

    def await_end(self, told_to_stop_within: Callable[[float], bool]) -> None:
        """Return when told to stop. Raises what ended a listener, if anything did."""
        if self.collector is None or self.configuration.collect is None:
            while not told_to_stop_within(WATCH_SECONDS):
                pass
            return
        watch(self.collector, told_to_stop_within, self.configuration.collect.stats_json)
        if self.collector.failure is not None:
            raise self.collector.failure


@contextmanager
def services(configuration: Configuration, clock: Clock) -> Iterator[Services]:
    """Start everything, or nothing, and end it with the block: the collector last, which stores all it has.

    Raises OSError when an address is taken or not ours, and LakeError for what is wrong with the lake.
    """
    lake = Lake.create(configuration.lake)
    running = Services(configuration)
    with ExitStack() as stack:
        if configuration.collect:
            stack.enter_context(_collecting(lake, configuration.collect, running, clock))
        keeping = None
        if configuration.collect or configuration.time or configuration.exchanges:
            table = configuration.time or TimeTable()
            keeping = stack.enter_context(time_kept(lake, table.addresses, table.trusted))
            if table.serve:
                stack.enter_context(_telling(lake, table.serve, keeping, running, clock))
        if keeping and configuration.exchanges:
            stack.enter_context(_probing(lake, configuration.exchanges.probe, keeping, clock))
        if configuration.serve:
            stack.enter_context(_serving(lake, configuration.serve, running, clock))
        elif configuration.collect:
            stack.enter_context(kept_ready(lake, clock))
        yield running


@contextmanager
def _collecting(lake: Lake, table: CollectTable, running: Services, clock: Clock) -> Iterator[None]:
    require_statistics(table.stats_json)
    wanted = followed_names(lake.path / "names")
    lake.retention = table.retention
    settings = ReceivingSettings(
        table.streams, table.decoding, table.receive_buffer, table.copies, table.receivers
    )
    collector = Collector(lake, table.addresses, clock, settings, table.elements)
    collector.start()
    running.collector = collector
    running.listening += map(str, collector.addresses)
    try:
        with names_followed(lake, wanted, clock) as places:
            running.listening += places
            yield
    finally:
        collector.stop()
        write_statistics(collector, table.stats_json)


@contextmanager
def _telling(
    lake: Lake, order: TimeServiceOrder, keeping: TimeKeeping, running: Services, clock: Clock
) -> Iterator[None]:
    """Answer NTP with what the collector itself knows of this clock: no server is asked twice for it."""
    plan = order.plan(clock())
    state = lake.path / STATE_FOLDER
    with time_service(plan, keeping.own_clock, clock, state=state) as service, in_background(service):
        running.listening += (place.replace("udp:", "ntp:") for place in service.listening)
        yield


def _probing(
    lake: Lake, table: ProbeTable, keeping: TimeKeeping, clock: Clock
) -> AbstractContextManager[None]:
    return probed(Probing(lake, table.whom, table.every_seconds, clock, keeping.own_bound))


@contextmanager
def _serving(lake: Lake, table: ServeTable, running: Services, clock: Clock) -> Iterator[None]:
    """Loaded only where there is a page: a web server is a third of a second."""
    from tidegauge.web.application import create_application  # noqa: PLC0415
    from tidegauge.web.server import Server  # noqa: PLC0415

    host, port = table.address
    try:
        server = Server(create_application(lake.path, table.token(), clock=clock, foresees=True), host, port)
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    server.start()
    running.listening.append(server.address)
    try:
        yield
    finally:
        server.stop()
