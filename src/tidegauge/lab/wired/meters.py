"""What meters at the routers: our own probe, or softflowd in place of the first."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from tidegauge.lab.wired.network import EDGE1, EDGE2, EDGE2_OUTSIDE, LAN
from tidegauge.lab.wired.program import running, tidegauge
from tidegauge.lab.wired.station import COLLECTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place

CLOCK_OFFSET_SECONDS = 300
"""What the clock of ``edge2`` is ahead."""
ACTIVE_SECONDS, IDLE_SECONDS = 5, 3
PACKETS_AT_ONCE = "1000"


class Meter(Enum):
    """What meters at ``edge1``."""

    TIDEGAUGE = "tidegauge"
    SOFTFLOWD = "softflowd"

    @property
    def needed(self) -> tuple[str, ...]:
        """The programs of others that it takes."""
        return ("softflowd", "tcpdump") if self is Meter.SOFTFLOWD else ()


@contextmanager
def metering(meter: Meter, places: Mapping[str, Place], folder: Path) -> Iterator[Callable[[], None]]:
    """Meter at both routers, and yield what ends that once everything was exported."""
    with ExitStack() as stack:
        ends = [
            stack.enter_context(_METERS[meter](places[EDGE1], folder)),
            stack.enter_context(_second_probe(places[EDGE2], folder)),
        ]

        def end() -> None:
            for one in ends:
                one()

        yield end


@contextmanager
def _probe(place: Place, folder: Path) -> Iterator[Callable[[], None]]:
    with _running_probe(place, folder, "--interface", LAN, "--nat-events") as end:
        yield end


@contextmanager
def _second_probe(place: Place, folder: Path) -> Iterator[Callable[[], None]]:
    options = ("--interface", EDGE2_OUTSIDE, "--clock-offset", str(CLOCK_OFFSET_SECONDS))
    with _running_probe(place, folder, *options) as end:
        yield end


@contextmanager
def _running_probe(place: Place, folder: Path, *options: str) -> Iterator[Callable[[], None]]:
    command = tidegauge("probe", *options, "--export", f"ipfix+udp://{COLLECTOR}")
    command += ["--active-timeout", str(ACTIVE_SECONDS), "--idle-timeout", str(IDLE_SECONDS)]
    with running(f"probe-{place.name}", place, command, folder) as probe:
        probe.await_words("metering ")
        yield probe.end


@contextmanager
def _softflowd(place: Place, folder: Path) -> Iterator[Callable[[], None]]:
    """softflowd, fed by tcpdump: on a quiet interface it would not see packets before many have come.

    From a pipe it takes as many packets as flows may be open before it looks which of these are over.
    """
    capture = ["tcpdump", "-i", LAN, "--immediate-mode", "-B", "16384", "-s", "128", "-U", "-w", "-", "ip"]
    command = ["softflowd", "-r", "/dev/stdin", "-n", COLLECTOR, "-v", "9", "-a", "-A", "milli", "-d"]
    # Without "-c none" it would wait for ever for somebody who tells it more.
    command += ["-c", "none", "-p", str(folder / "softflowd.pid"), "-m", PACKETS_AT_ONCE]
    command += ["-t", f"maxlife={ACTIVE_SECONDS}", "-t", "expint=1", "-t", f"general={IDLE_SECONDS}"]
    command += ["-t", f"tcp={IDLE_SECONDS}", "-t", f"udp={IDLE_SECONDS}"]
    with (
        running("tcpdump", place, capture, folder, is_piped=True) as tcpdump,
        running("softflowd", place, command, folder, feed=tcpdump.process.stdout) as softflowd,
    ):
        tcpdump.await_words("listening on")

        def end() -> None:
            tcpdump.end()
            softflowd.await_end()

        yield end


_METERS = {Meter.TIDEGAUGE: _probe, Meter.SOFTFLOWD: _softflowd}
