"""`tidegauge collect` as a process of its own, as a user runs it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 15.0
STOP_SECONDS = 15.0


@contextmanager
def collect(
    lake: Path, place: Sequence[str] = (), *, transport: str = "udp", options: Sequence[str] = ()
) -> Iterator[int]:
    """Collect into a lake on a free port of loopback, and yield the port; drained when this ends.

    ``place`` goes in front of the command: where to run it.
    """
    command = [*place, sys.executable, "-m", "tidegauge", "collect", "--lake", str(lake)]
    command += ["--listen", f"{transport}://127.0.0.1:0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield announced_port(process)
        finally:
            process.terminate()
            process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0


def announced_port(process: subprocess.Popen[str]) -> int:
    """Read stderr up to the line that says where the collector listens."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if found := re.search(r"listening \w+://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError("collect ended before it listened:\n" + "".join(lines))


def send(datagrams: Iterable[bytes], port: int) -> None:
    """Send datagrams over loopback, slowly enough for any collector."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", port))
            time.sleep(0.001)
