"""The NTP server with all that belongs to it: manners, leap seconds, NTS, and the record of who asks."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from tidegauge.app.cookie_key_file import CookieKeyFile
from tidegauge.app.key_keeping import KeyKeeping
from tidegauge.app.time_station import TimeStation
from tidegauge.ntp.server import VouchedServer
from tidegauge.ntp.service_record import RECORD_NAME
from tidegauge.receiving.listen_address import ListenAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tidegauge.app.time_service_order import TimeServicePlan
    from tidegauge.ntp.own_clock import OwnClock


@dataclass(frozen=True, slots=True)
class TimeService:
    """A server that answers. ``listening`` says where: the time, then the keys of NTS if there are any."""

    listening: tuple[str, ...]
    station: TimeStation


@contextmanager
def time_service(
    plan: TimeServicePlan,
    judge: Callable[[], OwnClock] | None,
    clock: Callable[[], int],
    *,
    state: Path | None = None,
    records: Sequence[Path] = (),
) -> Iterator[TimeService]:
    """Answer until the block ends; who runs the ``station`` meanwhile keeps word, keys and records fresh.

    ``state`` is the folder of the keys of NTS and of a record, ``records`` are more files for it. ``judge``
    is that of ``VouchedServer``. Raises OSError for a port that is taken, and for files that cannot be read
    or written.
    """
    files = [*records]
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
        files.append(state / RECORD_NAME)
    host, port = plan.address.host, plan.address.port
    try:
        server = VouchedServer(host, port, plan.local_stratum, plan.manners, plan.leaps, judge)
    except OSError as error:
        raise OSError(f"cannot listen on {plan.address}: {error.strerror or error}") from None
    with server:
        listening = ListenAddress(host, server.port)
        if plan.certificate is None:
            station = TimeStation(server, listening, files, clock)
            station.write_records()
            yield TimeService((str(listening),), station)
            return
        keys = KeyKeeping(server, CookieKeyFile(state), clock())
        with _key_server(plan, plan.certificate, listening, keys) as key_place:
            station = TimeStation(server, listening, files, clock, keys)
            station.write_records()
            yield TimeService((str(listening), key_place), station)


@contextmanager
def in_background(service: TimeService) -> Iterator[None]:
    """Look after a server beside something else, until the block ends."""
    stopping = Event()
    thread = Thread(target=service.station.run, args=(stopping.wait,), name="time-station")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


@contextmanager
def _key_server(
    plan: TimeServicePlan, certificate: tuple[Path, Path], listening: ListenAddress, keys: KeyKeeping
) -> Iterator[str]:
    """Establish keys until the block ends. Loaded where NTS is offered: TLS is a fifth of a second."""
    from tidegauge.ntp.key_server import Certificate, KeyServer  # noqa: PLC0415

    host, port = listening.host, plan.key_port
    files = Certificate(*certificate)
    try:
        key_server = KeyServer(
            (host, port), files, time_port=listening.port, seal=keys.seal, admits=plan.manners.admits
        )
    except OSError as error:
        raise OSError(f"cannot establish keys on {host} port {port}: {error.strerror or error}") from None
    with key_server:
        keys.key_server = key_server
        yield str(ListenAddress(host, key_server.port)).replace("udp:", "nts-ke:")
