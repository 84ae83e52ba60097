"""The routers at work: flows leave by UDP from addresses of their own as soon as they are due."""

from __future__ import annotations

import socket
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from tidegauge.lab.past import by_router
from tidegauge.lab.router import EDGE1, EDGE2, UPTIME, Router
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.lab.conversation import Flow
    from tidegauge.lab.name_feed import NameFeed
    from tidegauge.lab.office import Office

EXPORT_SECONDS = 0.5
FLOWS_AT_ONCE = 500
PLANS = (EDGE1, EDGE2)

_log = Log(__name__)


class LiveExports:
    """Two sockets, two routers and a thread that exports what the office does.

    The sockets are bound when the object is made, so that an exporter has the same address and port
    in the past as from now on. ``clock`` gives nanoseconds since 1970.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._booted = clock() - UPTIME
        self._sockets = {plan.name: _bound(plan.address) for plan in PLANS}
        self._stopping = Event()
        self._thread: Thread | None = None

    def routers(self) -> dict[str, Router]:
        """Return the routers as they are right after their collector was set up: no template sent yet."""
        return {plan.name: Router(plan, self._booted) for plan in PLANS}

    def sources(self) -> dict[str, tuple[str, int]]:
        """Return the address and port that each router exports from."""
        return {name: own.getsockname() for name, own in self._sockets.items()}

    def start(self, office: Office, names: NameFeed, collector: tuple[str, int]) -> None:
        """Export and write down from now on what the office does, about twice a second."""
        self._thread = Thread(target=self._run, args=(office, names, collector), name="routers", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop exporting and free the ports."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
        for own in self._sockets.values():
            own.close()

    def _run(self, office: Office, names: NameFeed, collector: tuple[str, int]) -> None:
        routers = self.routers()
        random = Random()  # noqa: S311 (nobody is to guess anything)
        # At irregular moments, as routers do: always the same phase of a second would hide their clocks.
        while not self._stopping.wait(random.uniform(0.5, 1.5) * EXPORT_SECONDS):
            now = self._clock()
            flows_by_router = by_router(office.flows_until(now))
            # Names first: a flow that arrives before its name would be shown without one for a while.
            names.take(office.lan, now)
            for name, flows in flows_by_router.items():
                self._export(routers[name], flows, collector)

    def _export(self, router: Router, flows: list[Flow], collector: tuple[str, int]) -> None:
        # A header tells when it was written: stamped before the names were read, or once for a long
        # list, it would show the router's clock slower than it is.
        for first in range(0, len(flows), FLOWS_AT_ONCE):
            for datagram in router.export(flows[first : first + FLOWS_AT_ONCE], self._clock()):
                self._send(router.plan.name, datagram, collector)

    def _send(self, name: str, datagram: bytes, collector: tuple[str, int]) -> None:
        try:
            self._sockets[name].sendto(datagram, collector)
        except OSError as error:
            _log.warning("a datagram of the simulated router was not sent", router=name, reason=error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bound(address: str) -> socket.socket:
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind((address, 0))
    return own
