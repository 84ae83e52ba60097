"""The office at work: its network, servers and people, the collector beside them, and the truth about all."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.wired import intruder, station
from tidegauge.lab.wired.authority import AUTHORITY, certify
from tidegauge.lab.wired.counters import carried_for, count, counted
from tidegauge.lab.wired.folder import office_folder
from tidegauge.lab.wired.meters import Meter, metering
from tidegauge.lab.wired.network import (
    EDGE1,
    EDGE2_OUTSIDE,
    GUEST,
    INTERNET,
    PATH,
    PEOPLE,
    STATION,
    far,
    near,
    wired_network,
)
from tidegauge.lab.wired.path import Settings, settings_to_json
from tidegauge.lab.wired.person import Act
from tidegauge.lab.wired.program import own, running, tidegauge
from tidegauge.lab.wired.resolver import join, resolver
from tidegauge.lab.wired.sites import SITES, TIME_SERVER, VIDEO
from tidegauge.lab.wired.truth import Person, Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place
    from tidegauge.lab.wired.network import Seat
    from tidegauge.lab.wired.program import Program

NEEDED = ("ip", "nft", "dnsmasq", *intruder.NEEDED)
PATIENCE_SECONDS = 30.0
CHECK_SECONDS = 0.1
SETTLE_SECONDS = 1.0
"""After this, nothing that people caused is on its way any more."""
QUERY_LOG, LEASES = "queries.log", "leases"

WAYS = (
    Settings(near("direct"), far("direct"), delay_ms=20),
    Settings(
        far("direct"), near("direct"), delay_ms=20,
        source=VIDEO.address, lost_per_thousand=10, held_per_thousand=5,
    ),
    Settings(near(EDGE2_OUTSIDE), far(EDGE2_OUTSIDE), delay_ms=5),
    Settings(far(EDGE2_OUTSIDE), near(EDGE2_OUTSIDE), delay_ms=5),
)  # fmt: skip
"""What becomes of packets on their way to the internet and back, over both uplinks."""


class Seated(NamedTuple):
    """Somebody at a laptop that has an address."""

    seat: Seat
    place: Place
    address: str


@dataclass
class WiredOffice:
    """An office that is open: people can work in it, and more programs can be put into its places."""

    places: Mapping[str, Place]
    people: Sequence[Seated]
    guest: Seated
    folder: Path
    lake: Path
    acts: list[Act] = field(default_factory=list)
    _closing: list[Callable[[], None]] = field(default_factory=list)
    _path: Program | None = None

    def work(self, seconds: float, is_over: Callable[[float], bool]) -> bool:
        """Have everybody do what they do, all at once; whether they came to the end of it.

        ``is_over`` waits so many seconds and says whether to stop. Raises RuntimeError where somebody could
        not go on.
        """
        trusted = str(self.folder / AUTHORITY)
        with ExitStack() as stack:
            busy = [
                stack.enter_context(
                    running(
                        person.seat.name,
                        person.place,
                        own("person", person.seat.name, person.seat.script, str(seconds), trusted),
                        self.folder,
                    )
                )
                for person in self.people
            ]
            deadline = time.monotonic() + seconds + PATIENCE_SECONDS
            while not all(program.is_over() for program in busy):
                if is_over(CHECK_SECONDS):
                    return False
                if time.monotonic() > deadline:
                    names = ", ".join(program.name for program in busy if not program.is_over())
                    raise RuntimeError(f"{names} got nowhere within {seconds + PATIENCE_SECONDS:.0f} seconds")
            for program in busy:
                self.acts += (Act(**json.loads(line)) for line in program.output.splitlines())
        return True

    def intrude(self, is_over: Callable[[float], bool]) -> bool:
        """Have the guest look around and flood; whether that came to its end."""
        self.acts += intruder.attack(self.guest.seat.name, self.guest.place, self.folder, is_over)
        return len([act for act in self.acts if act.who == self.guest.seat.name]) == len(intruder.ATTACKS)

    def close(self) -> Truth:
        """Have everything exported and stored that happened, and tell the truth about it."""
        time.sleep(SETTLE_SECONDS)
        counts = counted(self.places[EDGE1])
        for end in self._closing:
            end()
        assert self._path is not None
        return Truth(
            [self._told(person, counts) for person in self.people],
            self._told(self.guest, counts),
            json.loads(self._path.output.splitlines()[-1]),
        )

    def _told(self, seated: Seated, counts: Mapping[tuple[str, str], tuple[int, int]]) -> Person:
        acts = [act for act in self.acts if act.who == seated.seat.name]
        carried = carried_for(seated.address, counts)
        return Person(seated.seat.name, seated.seat.mac, seated.address, carried, acts)


@contextmanager
def wired_office(
    kept: Path | None = None,
    meter: Meter = Meter.TIDEGAUGE,
    people: Sequence[Seat] = PEOPLE,
    ways: Sequence[Settings] = WAYS,
) -> Iterator[WiredOffice]:
    """Open the office, and collect into a lake. At the end nothing is left but a lake that is to be ``kept``.

    Raises OfficeRunsError where one is open already, and RuntimeError where a part of it cannot be had.
    """
    with ExitStack() as stack:
        places = stack.enter_context(wired_network([*people, GUEST]))
        folder = stack.enter_context(office_folder())
        lake = kept or folder / "lake"
        query_log, leases = folder / QUERY_LOG, folder / LEASES
        stack.enter_context(resolver(places[EDGE1], query_log, leases))
        certify([site.name for site in SITES], folder, time.time_ns())
        station.prepare(lake, people, [leases, query_log])
        outside = places[INTERNET]
        started = [
            stack.enter_context(running(name, place, command, folder))
            for name, place, command in (
                ("path", places[PATH], ["nice", "-n", "-10", *own("path", settings_to_json(ways))]),
                ("servers", outside, own("internet", str(folder))),
                ("time", outside, _time_server()),
            )
        ]
        seated = [Seated(seat, place := places[seat.name], _joined(place, seat)) for seat in (*people, GUEST)]
        collector = stack.enter_context(station.collecting(places[STATION], lake, folder))
        for program, words in zip(started, ("ready", "ready", "listening "), strict=True):
            program.await_words(words)
        count(places[EDGE1])
        end_metering = stack.enter_context(metering(meter, places, folder))
        asking = stack.enter_context(station.asking(places[STATION], lake, folder))
        yield WiredOffice(
            places,
            seated[:-1],
            seated[-1],
            folder,
            lake,
            _closing=[asking.process.terminate, end_metering, collector.end, started[0].end],
            _path=started[0],
        )


def missing(meter: Meter = Meter.TIDEGAUGE) -> list[str]:
    """Programs that the office needs and this machine has not."""
    return [name for name in (*NEEDED, *meter.needed) if shutil.which(name) is None]


def _time_server() -> list[str]:
    return tidegauge("time", "serve", "--listen", f"udp://{TIME_SERVER}:123", "--local-stratum", "1")


def _joined(place: Place, seat: Seat) -> str:
    return join(place, station.host_name(seat))
