"""A program under measurement: its processor time and memory, watched from outside."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

PAGE_BYTES = resource.getpagesize()
SAMPLE_SECONDS = 0.5


@dataclass
class Usage:
    """What the program took. ``rss_bytes`` was sampled twice a second."""

    cpu_seconds: float = 0.0
    exit_code: int | None = None
    rss_bytes: list[int] = field(default_factory=list)

    def rss_over_time(self, points: int = 8) -> list[int]:
        """Resident megabytes at a few moments, first to last."""
        step = max(1, len(self.rss_bytes) // points)
        return [round(value / 1e6) for value in self.rss_bytes[::step]]


class Watched:
    """Runs a command; leaving the context ends it with SIGTERM and completes ``usage``."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.usage = Usage()
        self._log = log.open("wb")
        # As people run it: Python keeps what it compiled, whatever the shell that measures asks for.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self._log, env=environment)
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()

    def stop(self, signal_number: int = signal.SIGTERM) -> None:
        """End the program and take the kernel's account of it, waited-for children included."""
        self._over.set()
        self._sampler.join()
        self.process.send_signal(signal_number)
        _, status, account = os.wait4(self.process.pid, 0)
        self.usage.exit_code = self.process.returncode = os.waitstatus_to_exitcode(status)
        self.usage.cpu_seconds = account.ru_utime + account.ru_stime
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.usage.exit_code is None:
            self.stop()

    def _sample(self) -> None:
        statm = Path(f"/proc/{self.process.pid}/statm")
        while not self._over.wait(SAMPLE_SECONDS):
            self.usage.rss_bytes.append(int(statm.read_text().split()[1]) * PAGE_BYTES)


def processors() -> tuple[int, int]:
    """The processor of who sends, and that of who is measured: two where there are two."""
    ours = sorted(os.sched_getaffinity(0))
    return ours[0], ours[-1]


def pinned(command: Sequence[str], processor: int) -> list[str]:
    """A command that stays on one processor, all its threads."""
    return ["taskset", "--cpu-list", str(processor), *command]


def free_port() -> int:
    """Return a UDP port of loopback that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for_port(port: int, seconds: float = 20.0) -> None:
    """Wait until a UDP port of IPv4 is taken, which is when a collector listens."""
    wanted = f":{port:04X}"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        tables = Path("/proc/net/udp").read_text() + Path("/proc/net/udp6").read_text()
        if any(line.split()[1].endswith(wanted) for line in tables.splitlines() if wanted in line):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on UDP port {port} after {seconds:.0f} s")


def wait_until_idle(process: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    """Wait until a program and what it started have stopped using the processor: their queues are empty."""
    deadline = time.monotonic() + seconds
    before = -1
    while time.monotonic() < deadline and (spent := ticks_of_family(process.pid)) - before > 1:
        before = spent
        time.sleep(1.0)


def ticks_of_family(pid: int) -> int:
    """Processor time of a program and of what it started, as far as that still runs."""
    spent = 0
    with suppress(FileNotFoundError, ProcessLookupError):  # one that ends while we look
        spent += ticks(pid)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            spent += ticks_of_family(int(child))
    return spent


def ticks(pid: int) -> int:
    """Processor time of a program, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
