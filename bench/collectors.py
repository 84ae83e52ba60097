"""The collectors that are measured: how each is run, and what it says afterwards that it stored."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the peers of the tests

from aged import NOTHING, age
from report import Row

from tests.surroundings import find_peer
from tidegauge.store.lake import Lake
from tidegauge.store.segment import TABLES

BENCH = Path(__file__).parent
RECEIVE_BUFFER_BYTES = 64 << 20
"""All of them ask the kernel for what tidegauge asks for."""


@dataclass(frozen=True)
class Collector:
    """How to run one on a UDP port with a folder for flows, and how many it stored in how many bytes."""

    name: str
    program: str
    command: Callable[[int, Path], Sequence[str]]
    stored: Callable[[Path], int]
    size: Callable[[Path], int]
    ends_by: signal.Signals = signal.SIGTERM
    grow_old: Callable[[Path], Row] = lambda _: NOTHING
    """Let the day of its files be over; what that made of them, where it makes anything of them."""
    told: Callable[[Path], int | str] = lambda _: ""
    """How many flows it says itself that it lost, where it says anything."""

    def is_there(self) -> bool:
        """Whether its program is on this machine."""
        try:
            find_peer(self.program)
        except FileNotFoundError:
            return False
        return True


def size_of_files(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def tidegauge_command(port: int, folder: Path) -> Sequence[str]:
    program = [sys.executable, "-m", "tidegauge", "collect"]
    statistics = ["--stats-json", str(folder.parent / "statistics.json")]
    return [*program, "--listen", f"udp://127.0.0.1:{port}", "--lake", str(folder), *statistics]


def tidegauge_stored(folder: Path) -> int:
    return int(json.loads((folder.parent / "statistics.json").read_text())["stored"])


def tidegauge_size(folder: Path) -> int:
    """What stays: files that others replaced are deleted only once no reader can need them."""
    with Lake.open(folder).generation() as generation:
        paths = [segment.path for table in TABLES for segment in generation.segments(table)]
    return sum(Path(path).stat().st_size for path in paths)


def ledger_of(lake: Path) -> dict[str, Any]:
    """The ledger's own words about everything."""
    command = [sys.executable, "-m", "tidegauge", "ledger", "--lake", str(lake), "--envelope"]
    envelope: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return envelope


def tidegauge_told(folder: Path) -> int:
    return int(ledger_of(folder)["completeness"]["lost_records"])


def nfcapd_command(*flags: str) -> Callable[[int, Path], Sequence[str]]:
    def command(port: int, folder: Path) -> Sequence[str]:
        place = ["-b", "127.0.0.1", "-p", str(port), "-w", str(folder)]
        return [find_peer("nfcapd"), *place, "-B", str(RECEIVE_BUFFER_BYTES), "-t", "60", *flags]

    return command


def nfcapd_stored(folder: Path) -> int:
    """Count with nfdump's own statistics of the files."""
    files = subprocess.run(["nfdump", "-I", "-R", str(folder)], check=True, capture_output=True, text=True)
    return next(int(line.split()[1]) for line in files.stdout.splitlines() if line.startswith("Flows:"))


def goflow2_command(port: int, folder: Path) -> Sequence[str]:
    """Into one file of protobuf messages, the cheapest that it writes."""
    place = ["-listen", f"netflow://127.0.0.1:{port}", "-addr", "127.0.0.1:0"]
    file = ["-transport", "file", "-transport.file", str(folder / "flows"), "-transport.file.sep", ""]
    return [find_peer("goflow2"), *place, *file, "-format", "bin", "-loglevel", "error"]


def goflow2_stored(folder: Path) -> int:
    """Count the messages; each says its length before it, seven bits to a byte."""
    count, place = 0, 0
    octets = memoryview((folder / "flows").read_bytes())
    while place < len(octets):
        length, shift = 0, 0
        while octets[place] & 0x80:
            length |= (octets[place] & 0x7F) << shift
            place, shift = place + 1, shift + 7
        place += 1 + (length | octets[place] << shift)
        count += 1
    return count


# What pmacct keeps of a flow, as near to everything that the exports of the traffic model say as it comes.
NFACCTD_FIELDS = (
    "src_host, dst_host, src_port, dst_port, proto, tos, tcpflags, in_iface, out_iface, src_as, dst_as, "
    "src_mask, dst_mask, peer_src_ip, timestamp_start, timestamp_end"
)


def nfacctd_command(port: int, folder: Path) -> Sequence[str]:
    """With its print plugin, which writes what its memory holds every ten seconds."""
    settings = {
        "daemonize": "false",
        "nfacctd_ip": "127.0.0.1",
        "nfacctd_port": port,
        "nfacctd_pipe_size": RECEIVE_BUFFER_BYTES,
        "plugins": "print",
        "plugin_pipe_size": RECEIVE_BUFFER_BYTES,
        "plugin_buffer_size": 65536,
        "aggregate": f"{NFACCTD_FIELDS}, flows",
        "print_output": "csv",
        "print_output_file": folder / "flows.csv",
        "print_output_file_append": "true",
        "print_refresh_time": 10,
        "print_cache_entries": 200_003,
    }
    path = folder.parent / "nfacctd.conf"
    path.write_text("".join(f"{name}: {value}\n" for name, value in settings.items()))
    return [find_peer("nfacctd"), "-f", os.fspath(path)]


def nfacctd_stored(folder: Path) -> int:
    """Sum up its own count of flows; the file is there once it wrote any."""
    path = folder / "flows.csv"
    if not path.exists():
        return 0
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        return sum(int(row["FLOWS"]) for row in rows if row["FLOWS"] != "FLOWS")


COLLECTORS = (
    Collector("nfcapd", "nfcapd", nfcapd_command(), nfcapd_stored, size_of_files),
    Collector("nfcapd -y", "nfcapd", nfcapd_command("-y"), nfcapd_stored, size_of_files),
    Collector("goflow2", "goflow2", goflow2_command, goflow2_stored, size_of_files),
    Collector("nfacctd", "nfacctd", nfacctd_command, nfacctd_stored, size_of_files, signal.SIGINT),
    Collector(
        "tidegauge",
        sys.executable,
        tidegauge_command,
        tidegauge_stored,
        tidegauge_size,
        grow_old=age,
        told=tidegauge_told,
    ),
)
