"""Hostile datagrams at full speed beside an honest exporter, and the same in files."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.chaos.attack import attack, hostile_datagrams
from tests.chaos.daemon import Daemon
from tests.chaos.export import FLOWS_EACH, Export, numbered
from tests.flow_sender import wait_until
from tidegauge.cli.main import UNREACHABLE
from tidegauge.store.lake import Lake

SECONDS = 3.0
# Our own observation domain, which no hostile datagram names but by a miracle.
DOMAIN = 3_141_592_653
DATAGRAMS = 600
MEGABYTE = 1_000_000
# Under attack the decoder fills its bounds (templates, sessions, parked sets), and no more.
LARGEST_RESIDENT = 800 * MEGABYTE
# Where the machine is busy, batches wait to be written: four at most, of 64 MiB each (rust/core/src/decoder).
LARGEST_QUEUE = 4 * 64 * 2**20
LARGEST_LATE_GROWTH = 150 * MEGABYTE + LARGEST_QUEUE


def honest_numbers(lake: Path) -> list[int]:
    with Lake.open(lake).generation() as generation, duckdb.connect() as connection:
        paths = [segment.path for segment in generation.segments("flows")]
        connection.read_parquet(paths).create_view("flows")
        own = f"SELECT bytes FROM flows WHERE observation_domain = {DOMAIN} ORDER BY bytes"
        return [number for (number,) in connection.execute(own).fetchall()]


def unrecognised(statistics: dict[str, Any]) -> int:
    """Datagrams refused before they were anybody's: the other reasons are counted within a datagram."""
    malformed = statistics["lost"]["malformed"]
    return int(malformed["short_header"] + malformed["unknown_version"] + malformed["old_sflow"])


def test_an_attack_costs_neither_flows_nor_memory(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    datagrams = numbered("ipfix", DATAGRAMS, DOMAIN)
    with Daemon(lake) as daemon:
        with Export(daemon.address, datagrams, DATAGRAMS / SECONDS / 2) as export:
            sent, resident = attack(daemon.address, SECONDS, lambda: daemon.resident_bytes)
            export.finish()
        wait_until(daemon.is_idle)
        resident.append(daemon.resident_bytes)
        statistics = daemon.stop()

    kernel = statistics["lost"]["kernel"]
    assert statistics["datagrams"] + unrecognised(statistics) + kernel == sent + DATAGRAMS
    assert all(count > 0 for count in statistics["lost"]["malformed"].values()), "every reason occurred"

    numbers, owed = honest_numbers(lake), DATAGRAMS * FLOWS_EACH
    assert len(set(numbers)) == len(numbers)
    assert owed - len(numbers) <= kernel * FLOWS_EACH, "honest flows are missing that the kernel did not drop"

    half = len(resident) // 2
    assert max(resident[half:]) - max(resident[:half]) < LARGEST_LATE_GROWTH, resident
    assert max(resident) < LARGEST_RESIDENT, resident


def test_an_honest_exporter_loses_nothing_to_a_gentle_attack(tmp_path: Path) -> None:
    """Slow enough for the kernel to drop nothing: then nothing may be missing, and the sums are exact."""
    hostile = hostile_datagrams(2000, seed=5)
    lake = tmp_path / "lake"
    with Daemon(lake) as daemon:
        with (
            Export(daemon.address, numbered("netflow9", DATAGRAMS, DOMAIN), 400),
            Export(daemon.address, hostile, 1000, source="127.0.0.99") as attacking,
        ):
            attacking.finish()
        with Export(daemon.address, numbered("ipfix", DATAGRAMS, DOMAIN), 1000) as export:
            export.finish()
        wait_until(daemon.is_idle)
        statistics = daemon.stop()
    assert statistics["lost"]["kernel"] == 0
    assert honest_numbers(lake) == sorted(2 * list(range(1, DATAGRAMS * FLOWS_EACH + 1)))
    assert statistics["datagrams"] + unrecognised(statistics) == 2 * DATAGRAMS + len(hostile)
    assert statistics["stored"] == sum(statistics["records"].values())


@pytest.mark.parametrize("seed", range(3))
def test_hostile_files_end_with_a_summary_or_are_not_recognised(tmp_path: Path, seed: int) -> None:
    datagrams = hostile_datagrams(500, seed)
    raw, captured, noise = (tmp_path / name for name in ("raw", "captured.pcap", "noise"))
    raw.write_bytes(numbered("netflow5", 1)[0] + b"".join(datagrams))
    captured.write_bytes(pcap(datagrams))
    noise.write_bytes(b"\xff" + b"".join(datagrams))
    for path, code in ((raw, 0), (captured, 0), (noise, UNREACHABLE)):
        done = bring_in(tmp_path / "lake", path)
        assert done.returncode == code, done.stderr
        assert done.stderr.strip(), "it says what it did, or why not"
        assert "Traceback" not in done.stderr


def bring_in(lake: Path, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tidegauge", "import", str(path), "--lake", str(lake)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def pcap(datagrams: list[bytes]) -> bytes:
    """A capture of raw IPv4 packets."""
    records = [struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for number, datagram in enumerate(datagrams):
        udp = struct.pack(">HHHH", 9999, 2055, 8 + len(datagram), 0) + datagram
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), bytes(4)) + udp
        records.append(struct.pack("<IIII", 1_700_000_000 + number, 0, len(ip), len(ip)) + ip)
    return b"".join(records)
