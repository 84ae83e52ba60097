"""An attack at full speed, from a process of its own: see bench/assail.py."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

from tests.surroundings import ROOT
from tidegauge.receiving.listen_address import ListenAddress

PROGRAM = (sys.executable, str(ROOT / "bench" / "assail.py"))
SAMPLE_SECONDS = 0.1


def attack(address: ListenAddress, seconds: float, watch: Callable[[], int]) -> tuple[int, list[int]]:
    """Send hostile datagrams; returns how many, and what ``watch`` said meanwhile."""
    command = [*PROGRAM, "--to", f"{address.host}:{address.port}", "--seconds", str(seconds)]
    watched = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            watched.append(watch())
            time.sleep(SAMPLE_SECONDS)
        told, _ = process.communicate()
    return int(json.loads(told)["datagrams"]), watched


def hostile_datagrams(count: int, seed: int) -> list[bytes]:
    """Draw what an attack would send."""
    command = [*PROGRAM, "--print", str(count), "--seed", str(seed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [bytes.fromhex(line) for line in done.stdout.split("\n")[:-1]]
