"""The machine that was measured on: what it is, and how much of it others used meanwhile."""

from __future__ import annotations

import os
import platform
import re
import resource
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from report import Row

from tests.surroundings import find_peer

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/stat that are no work: idle, and waiting for a disk.
IDLE_FIELDS = 3, 4
# Fields that are told twice, of guests.
FIELDS = 8
PEERS = {
    "nfdump": ("nfdump", "-V"),
    "pmacct": ("nfacctd", "-V"),
    "softflowd": ("softflowd", "-h"),
    "chrony": ("chronyd", "-v"),
}


def describe() -> Row:
    """What it is, without its name."""
    cpu = Path("/proc/cpuinfo").read_text()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = re.search(r"^model name\s*: (.+)$", cpu, re.MULTILINE)
    return {
        "processor": found[1] if found else platform.machine(),
        "processors": os.cpu_count(),
        "memory_gigabytes": round(memory / 1e9),
        "kernel": platform.release().partition("-")[0],
    }


def versions() -> Row:
    """Of us, and of who is measured beside us."""
    found: Row = {"tidegauge": version("tidegauge"), "python": platform.python_version()}
    for name, (program, option) in PEERS.items():
        try:
            said = subprocess.run([find_peer(program), option], check=False, capture_output=True, text=True)
        except FileNotFoundError:
            continue
        if number := re.search(r"\d+\.\d+(\.\d+)?", said.stdout + said.stderr):
            found[name] = number[0]
    return found


class Others:
    """Watches how much of the machine's processors others use than programs that this one waits for."""

    share = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic(), worked(), own()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        moment, all_work, our_work = self._began
        possible = (time.monotonic() - moment) * (os.cpu_count() or 1)
        self.share = max(0.0, (worked() - all_work) - (own() - our_work)) / possible


def worked() -> float:
    """Seconds that the machine's processors worked, all together; what a host took from us is work."""
    counts = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]))
    return sum(count for field, count in enumerate(counts[:FIELDS]) if field not in IDLE_FIELDS) / (
        TICKS_PER_SECOND
    )


def own() -> float:
    """Seconds that we worked and all we waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
