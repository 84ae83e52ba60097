#!/usr/bin/env python3
"""Hold a flow collector against the time vectors. Needs Python 3.11 and nothing else.

    run.py --flows COMMAND [--series COMMAND] [--clocks COMMAND] [--has PROTOCOL,…] [NAME…]

Each COMMAND is run once for each vector, with the path of a capture behind it, and prints one JSON object a
line: --flows an object for each flow with src_port, start and end; --series one for each minute with time and
bytes; --clocks one for each clock with observation_domain, offset_low and offset_high in seconds. Times are
ISO 8601 or nanoseconds since 1970, null where none is known.

What no COMMAND was given for is not run, nor is a vector of a protocol that --has does not name; both are
said. Exit 1 if a vector failed.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PROTOCOLS = ("netflow5", "netflow9", "ipfix", "sflow5")
KINDS = {"flow": "flows", "bucket": "series", "clock": "clocks"}
EXPORTER, COLLECTOR = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
PORTS = {"netflow5": 2055, "netflow9": 2055, "ipfix": 4739, "sflow5": 6343}
SOURCE_PORT = 50_000

Vector = dict[str, Any]
Row = dict[str, Any]


def vectors(folder: Path = FOLDER) -> list[Vector]:
    """Every vector, by number and name."""
    found = [tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")]
    return sorted(found, key=lambda vector: (vector["number"], vector["name"]))


def payload(datagram: dict[str, Any]) -> bytes:
    """The bytes of a datagram: the first word of each line, in hex."""
    return bytes.fromhex("".join(line.split()[0] for line in datagram["bytes"]))


def instant(value: str | int | None) -> int | None:
    """ISO 8601 as nanoseconds since 1970, exactly."""
    if value is None or isinstance(value, int):
        return value
    fraction = re.search(r"\.(\d+)", value)
    moment = datetime.fromisoformat(re.sub(r"\.\d+", "", value))
    whole = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * 10**9 + (int(fraction[1].ljust(9, "0")) if fraction else 0)


def capture(vector: Vector) -> bytes:
    """The datagrams as a pcapng file with stamps of nanoseconds: those of pcap end in 2106."""
    blocks = [_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    # Ethernet, stamps in units of 10^-9 s.
    blocks.append(_block(1, struct.pack("<HHIHHB3xHH", 1, 0, 0, 9, 1, 9, 0, 0)))
    for datagram in vector["datagram"]:
        arrival = instant(datagram["arrival"])
        assert arrival is not None
        packet = _packet(payload(datagram), PORTS[vector["needs"]])
        stamp = struct.pack("<IIIII", 0, arrival >> 32, arrival & 0xFFFFFFFF, len(packet), len(packet))
        blocks.append(_block(6, stamp + packet + bytes(-len(packet) % 4)))
    return b"".join(blocks)


def mistakes(vector: Vector, kind: str, rows: list[Row]) -> list[str]:
    """What is wrong with what a collector printed about a vector, in sentences. ``KINDS`` has the kinds."""
    return {"flow": _wrong_flows, "bucket": _wrong_buckets, "clock": _wrong_clocks}[kind](vector, rows)


def _wrong_flows(vector: Vector, rows: list[Row]) -> list[str]:
    expected = vector["flow"]
    if len(rows) != len(expected):
        return [f"{len(rows)} flows instead of {len(expected)}"]
    found = {row["src_port"]: row for row in rows}
    wrong = []
    for flow in expected:
        row = found.get(flow["src_port"])
        if row is None:
            wrong.append(f"no flow from port {flow['src_port']}")
            continue
        for side in ("start", "end"):
            told, true = instant(row[side]), instant(flow.get(side))
            if not _is_near(told, true, vector.get("tolerance_ns", 0)):
                off = "" if told is None or true is None else f", {(told - true) / 1e9:+} s"
                wrong.append(f"{side} of port {flow['src_port']} is {row[side]}, not {flow.get(side)}{off}")
    return wrong


def _is_near(told: int | None, true: int | None, tolerance: int) -> bool:
    return told is true if told is None or true is None else abs(told - true) <= tolerance


def _wrong_buckets(vector: Vector, rows: list[Row]) -> list[str]:
    found = {instant(row["time"]): row["bytes"] or 0 for row in rows}
    told = {bucket["time"]: found.get(instant(bucket["time"]), 0) for bucket in vector["bucket"]}
    return [
        f"{told[bucket['time']]} bytes in the minute of {bucket['time']}, not {bucket['bytes']}"
        for bucket in vector["bucket"]
        if told[bucket["time"]] != bucket["bytes"]
    ]


def _wrong_clocks(vector: Vector, rows: list[Row]) -> list[str]:
    wrong = []
    for clock in vector["clock"]:
        domain, offset = clock["observation_domain"], clock["offset_seconds"]
        bounds = [
            (row["offset_low"], row["offset_high"]) for row in rows if row["observation_domain"] == domain
        ]
        for low, high in bounds:
            if not (low is None or low <= offset) or not (high is None or offset <= high):
                wrong.append(f"clock {domain} lies from {low} to {high} s, not at {offset} s")
        if not bounds:
            wrong.append(f"nothing is told of clock {domain}")
    return wrong


def _block(kind: int, body: bytes) -> bytes:
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def _packet(content: bytes, port: int) -> bytes:
    udp = struct.pack(">HHHH", SOURCE_PORT, port, 8 + len(content), 0) + content
    header = struct.pack(">BBHHHBB", 0x45, 0, 20 + len(udp), 0, 0, 64, 17)
    total = sum(struct.unpack(">9H", header[:10] + EXPORTER + COLLECTOR))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    ip = header + struct.pack(">H", checksum) + EXPORTER + COLLECTOR
    return bytes(12) + b"\x08\x00" + ip + udp


def _asked(command: str, path: Path) -> list[Row]:
    ran = subprocess.run([*shlex.split(command), str(path)], check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in ran.stdout.splitlines() if line.strip()]


def _verdict(vector: Vector, commands: dict[str, str | None], folder: Path) -> tuple[str, list[str]]:
    """``ok``, ``FAILED`` or ``not run``, and what there is to say about it."""
    path = folder / f"{vector['name']}.pcapng"
    path.write_bytes(capture(vector))
    wrong, left_out, is_run = [], [], False
    for kind, word in KINDS.items():
        if kind not in vector:
            continue
        command = commands[word]
        if command is None:
            left_out.append(f"not run: --{word}")
            continue
        is_run = True
        try:
            wrong += mistakes(vector, kind, _asked(command, path))
        except (subprocess.CalledProcessError, OSError, ValueError, KeyError) as error:
            wrong.append(f"--{word}: {type(error).__name__}: {error}")
    return "FAILED" if wrong else "ok" if is_run else "not run", wrong + left_out


def main() -> int:
    """Run the vectors; 0 if none failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for word in KINDS.values():
        parser.add_argument(f"--{word}", metavar="COMMAND")
    parser.add_argument("--has", default=",".join(PROTOCOLS), help="protocols that the collector speaks")
    parser.add_argument("names", metavar="NAME", nargs="*", help="vectors to run; all without any")
    options = parser.parse_args()
    commands = {word: getattr(options, word) for word in KINDS.values()}
    unknown = set(options.names) - {vector["name"] for vector in vectors()}
    if unknown:
        parser.error(f"there is no vector {', '.join(sorted(unknown))}")
    counts = dict.fromkeys(("ok", "FAILED", "not run"), 0)
    with tempfile.TemporaryDirectory() as folder:
        for vector in vectors():
            if options.names and vector["name"] not in options.names:
                continue
            verdict, said = "not run", [f"needs {vector['needs']}"]
            if vector["needs"] in options.has.split(","):
                verdict, said = _verdict(vector, commands, Path(folder))
            counts[verdict] += 1
            print(f"{verdict:8} {vector['number']:2} {vector['name']}: {vector['title']}")
            for sentence in said:
                print(f"            {sentence}")
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
