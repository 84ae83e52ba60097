"""tcpdump beside a test."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.flow_sender import wait_until
from tests.surroundings import find_peer

STILL_SECONDS = 0.5


@contextmanager
def captured(
    interface: str, path: Path, expression: str, *, place: Sequence[str] = (), most_bytes: int = 1600
) -> Iterator[None]:
    """Keep what passes an interface until all of it is in the file; ``place`` goes before the command."""
    command = [*place, find_peer("tcpdump"), "-i", interface, "--immediate-mode", "-B", "16384", "-U"]
    command += ["-s", str(most_bytes), "--time-stamp-precision=nano", "-w", str(path), expression]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tcpdump:
        try:
            wait_until(lambda: path.exists() and path.stat().st_size > 0)
            yield
            wait_until(lambda: _is_still(path))
        finally:
            tcpdump.terminate()


def _is_still(path: Path) -> bool:
    """Whether the file has grown, and does not grow any more."""
    size = path.stat().st_size
    time.sleep(STILL_SECONDS)
    return path.stat().st_size == size > 24
