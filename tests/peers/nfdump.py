"""nfcapd and nfdump: the collector we compare ourselves with."""

from __future__ import annotations

import csv
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.peers.totals import Totals
from tests.ports import free_port
from tests.surroundings import find_peer

PATIENCE_SECONDS = 10.0


@contextmanager
def nfcapd(folder: Path, place: Sequence[str] = (), host: str = "127.0.0.1") -> Iterator[int]:
    """Run nfcapd on a free port of loopback, and yield the port; its file is whole when this ends.

    ``place`` goes in front of the command: where to run it, there at the address ``host``.
    """
    folder.mkdir(exist_ok=True)
    port = free_port()
    command = [
        *place,
        find_peer("nfcapd"),
        "-w",
        str(folder),
        "-b",
        host,
        "-p",
        str(port),
        "-t",
        "3600",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            wait_until_read(port, process)
            yield port
            wait_until_read(port, process)
        finally:
            process.terminate()
            process.communicate(timeout=10)


def waiting_bytes(port: int, process: subprocess.Popen[bytes]) -> int | None:
    """Bytes the kernel holds for a process's UDP port; None while the port is not bound."""
    for table in ("udp", "udp6"):
        for line in Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, _, queues, *_ = line.split()
            if local.endswith(f":{port:04X}"):
                return int(queues.partition(":")[2], 16)
    return None


def wait_until_read(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the port is bound and nothing waits in it.

    nfcapd announces itself before it listens, and drops what it has not read when it is stopped.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting_bytes(port, process) != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError(f"nfcapd did not read port {port} within {PATIENCE_SECONDS} s")
        time.sleep(0.02)


def totals_by_source(folder: Path) -> dict[str, Totals]:
    """What nfdump says each source address sent: ``-s srcip/bytes``, all of them."""
    command = [find_peer("nfdump"), "-R", str(folder), "-s", "srcip/bytes", "-n", "0", "-o", "csv"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    table = text.partition("\n\n")[0]
    return {
        row["val"]: Totals(bytes=int(row["byt"]), packets=int(row["pkt"]), flows=int(row["fl"]))
        for row in csv.DictReader(table.splitlines())
    }


def replay(folder: Path, port: int, version_number: str) -> None:
    """Let nfreplay export all that nfcapd has kept, anew and in its own words."""
    command = [find_peer("nfreplay"), "-H", "127.0.0.1", "-p", str(port), "-v", version_number]
    for path in sorted(folder.glob("nfcapd.*")):
        subprocess.run([*command, "-r", str(path)], check=True, capture_output=True)


def count(folder: Path, written: str) -> int:
    """How many flows a filter picks."""
    command = [find_peer("nfdump"), "-R", str(folder), "-q", "-N", "-o", "fmt:%pr", written]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sum(1 for line in text.splitlines() if line.strip() and line != "No matching flows")


def applications(folder: Path) -> set[str]:
    """What nfdump calls the applications of all flows: number, name and description."""
    command = [find_peer("nfdump"), "-R", str(folder), "-q", "-N", "-o", "fmt:%nbid %nbnam"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {" ".join(line.split()) for line in text.splitlines() if line.strip()}


def bytes_by_exporter(folder: Path) -> dict[str, set[int]]:
    """The bytes of each flow, by the address that nfcapd had it from."""
    command = [find_peer("nfdump"), "-R", str(folder), "-q", "-N", "-6", "-o", "fmt:%ra %byt"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, set[int]] = {}
    for exporter, size in (line.split() for line in text.splitlines() if line.strip()):
        found.setdefault(exporter, set()).add(int(size))
    return found
