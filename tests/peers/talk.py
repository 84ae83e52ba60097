"""A talk of known size, for exporters to tell of."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

PAYLOADS = range(10, 1010, 20)
PORT = 9
HEADER_BYTES = 28  # IPv4 and UDP
PACKETS = len(PAYLOADS)
BYTES = sum(PAYLOADS) + HEADER_BYTES * PACKETS

_PROGRAM = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
    for size in range(*map(int, sys.argv[3:])):
        talker.sendto(bytes(size), (sys.argv[1], int(sys.argv[2])))
"""


def talk(place: Sequence[str], address: str) -> None:
    """Send ``PACKETS`` packets of ``BYTES`` bytes in one flow to an address; ``place`` is where to run it."""
    sizes = map(str, (PAYLOADS.start, PAYLOADS.stop, PAYLOADS.step))
    command = [sys.executable, "-c", _PROGRAM, address, str(PORT), *sizes]
    subprocess.run([*place, *command], check=True)
