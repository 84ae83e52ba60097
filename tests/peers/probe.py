"""`tidegauge probe` on a live interface, as a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

STOP_SECONDS = 20.0


@dataclass
class Probe:
    """A probe that runs; ``summary`` is its last line once it has ended."""

    process: subprocess.Popen[str]
    summary: str = ""

    def counted(self, pattern: str) -> int:
        """A number of the summary, 0 where it says nothing of the kind."""
        found = re.search(pattern, self.summary)
        return int(found[1]) if found else 0


@contextmanager
def probe(port: int, place: Sequence[str], *options: str, version: str = "ipfix") -> Iterator[Probe]:
    """Meter and export to a port of loopback; everything that passed is exported when this ends."""
    command = [*place, sys.executable, "-m", "tidegauge", "probe"]
    command += ["--export", f"{version}+udp://127.0.0.1:{port}", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        running = Probe(process)
        try:
            first = process.stderr.readline()
            assert first.startswith("metering "), first
            yield running
        finally:
            process.terminate()
            running.summary = process.communicate(timeout=STOP_SECONDS)[1]
    assert process.returncode == 0, running.summary
