"""The office at work: its network, its servers, its people, and the truth about what they did."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.wired.counters import Carried, count, counted
from tidegauge.lab.wired.network import EDGE1, INTERNET, PEOPLE, PUBLIC, wired_network
from tidegauge.lab.wired.person import Act
from tidegauge.lab.wired.resolver import resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place
    from tidegauge.lab.wired.network import Seat

NEEDED = ("ip", "nft", "dnsmasq")
PATIENCE_SECONDS = 30.0
CHECK_SECONDS = 0.1


class Person(NamedTuple):
    """The truth about somebody."""

    name: str
    address: str
    carried: Carried
    acts: Sequence[Act]

    def to_json(self) -> dict[str, object]:
        """As it is written into files."""
        return {
            "name": self.name,
            "address": self.address,
            **self.carried._asdict(),
            "acts": [vars(act) for act in self.acts],
        }


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


@dataclass(frozen=True)
class WiredOffice:
    """An office that is open: people can work in it, and probes can be put into its places."""

    places: Mapping[str, Place]
    people: Sequence[Seat]

    def work(self, seconds: float, is_over: Callable[[float], bool] = _wait) -> list[Person] | None:
        """Have everybody do what they do, all at once, and tell what that was; None where it was cut short.

        ``is_over`` waits so many seconds and says whether to stop. Raises RuntimeError where somebody could
        not go on.
        """
        before = counted(self.places[EDGE1], self.people)
        with ExitStack() as stack:
            busy = [
                stack.enter_context(_program(self.places[seat.name], "person", seat.name, str(seconds)))
                for seat in self.people
            ]
            deadline = time.monotonic() + seconds + PATIENCE_SECONDS
            while any(process.poll() is None for process in busy):
                if is_over(CHECK_SECONDS):
                    return None
                if time.monotonic() > deadline:
                    raise RuntimeError(
                        f"somebody got nowhere within {seconds + PATIENCE_SECONDS:.0f} seconds"
                    )
            acts = [_acts(seat, process) for seat, process in zip(self.people, busy, strict=True)]
        after = counted(self.places[EDGE1], self.people)
        return [
            Person(seat.name, seat.address, _since(before[seat.name], after[seat.name]), done)
            for seat, done in zip(self.people, acts, strict=True)
        ]


@contextmanager
def wired_office(query_log: Path, people: Sequence[Seat] = PEOPLE) -> Iterator[WiredOffice]:
    """Open the office. At the end, however it comes, nothing is left of it but the log of look-ups.

    Raises OfficeRunsError where one is open already, and RuntimeError where the kernel refuses a part of it.
    """
    with ExitStack() as stack:
        places = stack.enter_context(wired_network(people))
        laptops = [places[seat.name] for seat in people]
        stack.enter_context(resolver(places[EDGE1], laptops, query_log))
        count(places[EDGE1], people)
        servers = stack.enter_context(_program(places[INTERNET], "internet"))
        assert servers.stdout is not None
        if servers.stdout.readline() != "ready\n":
            raise RuntimeError("the servers of the internet did not start; they say why above")
        yield WiredOffice(places, people)


def missing() -> list[str]:
    """Programs that the office needs and this machine has not."""
    return [name for name in NEEDED if shutil.which(name) is None]


def truth_text(people: Sequence[Person]) -> str:
    """The truth about an office as JSON."""
    truth = {"public_addresses": PUBLIC, "people": [person.to_json() for person in people]}
    return json.dumps(truth, indent=2) + "\n"


@contextmanager
def _program(place: Place, name: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program of the office at a place; it is over when this ends."""
    command = place.command(sys.executable, "-m", f"tidegauge.lab.wired.{name}", *words)
    # In a session of its own: a Ctrl-C is ours to handle.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _acts(seat: Seat, process: subprocess.Popen[str]) -> list[Act]:
    told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{seat.name} could not go on, and says why above")
    return [Act(**json.loads(line)) for line in told.splitlines()]


def _since(before: Carried, after: Carried) -> Carried:
    return Carried(*(late - early for early, late in zip(before, after, strict=True)))
