"""fprobe, a probe that knows NetFlow 1, 5 and 7, on a live interface."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.surroundings import find_peer

VERSIONS = {"netflow1": "1", "netflow5": "5", "netflow7": "7"}
START_SECONDS = 20.0


@contextmanager
def fprobe(port: int, place: Sequence[str], interface: str, version: str) -> Iterator[None]:
    """Meter an interface and export to a port of loopback until the block ends; flows end after a second."""
    mark = f"{os.getpid()}{VERSIONS[version]}"
    command = [*place, find_peer("fprobe"), "-i", interface, "-n", VERSIONS[version], "-s", "1", "-d", "1"]
    command += ["-e", "1", "-g", "1", "-q", "1000", "-B", "4096", "-l", f"1:{mark}", f"127.0.0.1:{port}"]
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=START_SECONDS
    )
    # It goes on in the background, and leaves only its number behind.
    file = Path(f"/var/run/fprobe[{mark}].pid")
    deadline = time.monotonic() + START_SECONDS
    while not file.exists() or not file.read_text().strip():
        assert time.monotonic() < deadline, "fprobe did not start"
        time.sleep(0.05)
    process = int(file.read_text())
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
        file.unlink(missing_ok=True)
