"""The traffic model as captures: packets for meters, and export datagrams for importers.

``packets`` writes Ethernet frames cut at 74 bytes, lengths kept: flows with heavy-tailed packet
counts, both families, TCP with SYN and FIN, UDP. ``exports`` writes the datagrams of a file made by
datagrams.py. Without arguments a small packet capture is made, described and removed.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from bulk import exporter_address
from datagrams import Datagrams
from traffic_model import KINDS, MAPPED, SECOND, Array, Columns, TrafficModel

from tidegauge.lab.capture import FILE_HEADER, CaptureFile

CAPTURED_BYTES = (
    74  # Ethernet, IPv6 and TCP headers; the same for every packet so that numpy can lay them out
)
SMALLEST_IP_BYTES = CAPTURED_BYTES - 14
SYN, FIN, ACK, PUSH_ACK = 0x02, 0x11, 0x10, 0x18
RECORD = np.dtype(
    [
        ("seconds", "<u4"),
        ("nanoseconds", "<u4"),
        ("captured", "<u4"),
        ("length", "<u4"),
        ("frame", "u1", CAPTURED_BYTES),
    ]
)
CHUNK_PACKETS = 500_000


# Where a packet stands in its flow.
FIRST, MIDDLE, LAST = 0, 1, 2


def packets_of(columns: Columns, total: int, random: np.random.Generator) -> tuple[Array, Array, Array]:
    """Give ``total`` packets to the flows; return the flow, time and place of each, by time."""
    weights = columns["packets"].astype(float)
    counts = np.maximum(1, np.floor(weights * (total / weights.sum()))).astype(np.int64)
    spare = total - counts.sum()
    if spare > 0:
        counts += np.bincount(random.integers(0, len(counts), spare), minlength=len(counts))
    flow = np.repeat(np.arange(len(counts)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    place = np.arange(len(flow)) - first
    length = np.maximum(1, np.repeat(counts, counts) - 1)
    start, end = columns["start"][flow], columns["end"][flow]
    moment = start + ((end - start) * (place / length)).astype(np.int64)
    order = np.argsort(moment, kind="stable")
    is_last = place == np.repeat(counts, counts) - 1
    return flow[order], moment[order], np.where(place == 0, FIRST, np.where(is_last, LAST, MIDDLE))[order]


def frames(columns: Columns, flow: Array, moment: Array, place: Array, random: np.random.Generator) -> Array:
    """Lay out the capture records of the given packets."""
    records = np.zeros(len(flow), RECORD)
    records["seconds"], records["nanoseconds"] = moment // SECOND, moment % SECOND
    mean = columns["bytes"] // np.maximum(columns["packets"], 1)
    size = np.clip(mean[flow].astype(np.int64) + random.integers(-40, 41, len(flow)), SMALLEST_IP_BYTES, 1500)
    records["captured"], records["length"] = CAPTURED_BYTES, size + 14
    frame = records["frame"]
    frame[:, 5], frame[:, 11] = 1, 2
    is_ipv4 = (columns["src_addr"][flow, :12] == MAPPED).all(axis=1)
    protocol = columns["protocol"][flow]
    transport = _transport(columns, flow, place, protocol, size - np.where(is_ipv4, 20, 40))
    for family, header, offset in ((is_ipv4, _ipv4, 34), (~is_ipv4, _ipv6, 54)):
        rows = np.flatnonzero(family)
        frame[rows, 12:offset] = header(columns, flow[rows], protocol[rows], size[rows])
        frame[rows[:, None], np.arange(offset, offset + 20)] = transport[rows]
    return records


def _ipv4(columns: Columns, flow: Array, protocol: Array, size: Array) -> Array:
    header = np.zeros((len(flow), 22), np.uint8)
    header[:, :4] = (0x08, 0x00, 0x45, 0)
    header[:, 4:6] = _u16(size)
    header[:, 10], header[:, 11] = 64, protocol
    header[:, 14:18], header[:, 18:22] = columns["src_addr"][flow, 12:], columns["dst_addr"][flow, 12:]
    words = header[:, 2:].reshape(-1, 10, 2).astype(np.uint32)
    total = (words[:, :, 0] * 256 + words[:, :, 1]).sum(axis=1)
    total = (total & 0xFFFF) + (total >> 16)
    header[:, 12:14] = _u16(0xFFFF - ((total & 0xFFFF) + (total >> 16)))
    return header


def _ipv6(columns: Columns, flow: Array, protocol: Array, size: Array) -> Array:
    header = np.zeros((len(flow), 42), np.uint8)
    header[:, :3] = (0x86, 0xDD, 0x60)
    header[:, 6:8] = _u16(size - 40)
    header[:, 8], header[:, 9] = protocol, 64
    header[:, 10:26], header[:, 26:42] = columns["src_addr"][flow], columns["dst_addr"][flow]
    return header


def _transport(columns: Columns, flow: Array, place: Array, protocol: Array, length: Array) -> Array:
    """TCP or UDP headers of 20 bytes; behind a UDP header they are payload."""
    header = np.zeros((len(flow), 20), np.uint8)
    header[:, 0:2], header[:, 2:4] = _u16(columns["src_port"][flow]), _u16(columns["dst_port"][flow])
    is_tcp = protocol == 6
    flags = np.choose(place, [SYN, PUSH_ACK, FIN])
    header[is_tcp, 12], header[is_tcp, 13] = 0x50, flags[is_tcp]
    header[~is_tcp, 4:6] = _u16(length[~is_tcp])
    return header


def _u16(values: Array) -> Array:
    return values.astype(">u2").view(np.uint8).reshape(-1, 2)


def write_packets(path: Path, model: TrafficModel, flows: int, packets: int, now: int, span: int) -> int:
    """Write a capture of ``packets`` packets or a few more; returns how many."""
    random = np.random.default_rng([model.seed, packets])
    columns = model.columns(flows, now, span=span)
    flow, moment, place = packets_of(columns, packets, random)
    with path.open("wb") as file:
        file.write(FILE_HEADER)
        for start in range(0, len(flow), CHUNK_PACKETS):
            chunk = slice(start, start + CHUNK_PACKETS)
            file.write(frames(columns, flow[chunk], moment[chunk], place[chunk], random).tobytes())
    return len(flow)


def write_exports(path: Path, datagrams: Datagrams, now: int, flows_per_second: float) -> None:
    """Write export datagrams as they would have arrived at that pace, the last flow now."""
    step = SECOND / flows_per_second
    with CaptureFile(path) as capture:
        for place, payload in enumerate(datagrams.payloads):
            exporter = int(datagrams.exporters[place])
            source = (exporter_address(exporter), 50_000)
            left = datagrams.flows - int(datagrams.numbers[place])
            capture.add(payload, source, ("127.0.0.1", 2055), now - int(left * step))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("packets", "exports"), nargs="?", default="packets")
    parser.add_argument("output", type=Path, nargs="?")
    parser.add_argument("--datagrams", type=Path, help="for exports: a file made by datagrams.py")
    parser.add_argument("--flows", type=int, default=20_000)
    parser.add_argument("--packets", type=int, default=200_000)
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--seconds", type=int, default=60, help="that the packets are spread over")
    parser.add_argument("--rate", type=float, default=100_000, help="of exports, flows per second")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="tidegauge-bench-") as folder:
        path = arguments.output or Path(folder) / "packets.pcap"
        if arguments.what == "exports":
            write_exports(path, Datagrams.load(arguments.datagrams), time.time_ns(), arguments.rate)
        else:
            span = arguments.seconds * SECOND
            model = TrafficModel(arguments.kind)
            count = write_packets(path, model, arguments.flows, arguments.packets, time.time_ns(), span)
            print(f"{count} packets of {arguments.flows} flows, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
