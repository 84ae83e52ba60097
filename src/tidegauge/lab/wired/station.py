"""The collector's own machine in the office: it receives what the routers export, and keeps the names."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegauge.lab.wired.network import STATION_ADDRESS
from tidegauge.lab.wired.program import running, tidegauge
from tidegauge.lab.wired.sites import TIME_SERVER
from tidegauge.store.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place
    from tidegauge.lab.wired.network import Seat
    from tidegauge.lab.wired.program import Program

PORT = 2055
COLLECTOR = f"{STATION_ADDRESS}:{PORT}"
ASK_SECONDS = 1
_LONGEST_STORY_SECONDS = 3600


def prepare(path: Path, people: Sequence[Seat], followed: Sequence[Path]) -> None:
    """Make the lake, and write down whose the laptops are, and which files tell names."""
    lake = Lake.create(path)
    names = lake.path / "names"
    names.mkdir(exist_ok=True)
    owners = [f"{seat.name.title()} = {{}}" for seat in people]
    machines = [
        f'{host_name(seat)} = {{ owner = "{seat.name.title()}", macs = ["{seat.mac}"] }}' for seat in people
    ]
    (names / "inventory.toml").write_text("\n".join(["[people]", *owners, "[machines]", *machines, ""]))
    files = ", ".join(f'"{file}"' for file in followed)
    (names / "follow.toml").write_text(f"files = [{files}]\n")


def host_name(seat: Seat) -> str:
    """What a laptop calls itself."""
    return f"{seat.name}-laptop"


@contextmanager
def collecting(place: Place, lake: Path, folder: Path) -> Iterator[Program]:
    """Collect into a lake, and keep an eye on our own clock by the time server."""
    configuration = folder / "station.toml"
    configuration.write_text(
        f'lake = "{lake.absolute()}"\n'
        f'[collect]\nlisten = ["udp://{COLLECTOR}"]\n'
        f'[time]\nsources = ["{TIME_SERVER}"]\n'
    )
    command = tidegauge("run", "--config", str(configuration))
    with running("collector", place, command, folder) as collector:
        collector.await_words(f"listening udp://{COLLECTOR}")
        yield collector


@contextmanager
def asking(place: Place, lake: Path, folder: Path) -> Iterator[Program]:
    """Ask the time server through the routers, so that their clocks are bound from both sides."""
    command = tidegauge("exchanges", "ask", f"ntp://{TIME_SERVER}", "--every", f"{ASK_SECONDS}s")
    command += ["--count", str(_LONGEST_STORY_SECONDS // ASK_SECONDS), "--lake", str(lake)]
    with running("exchanges", place, command, folder) as program:
        yield program
