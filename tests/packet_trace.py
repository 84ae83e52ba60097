"""A capture of many small conversations, and what is in it: counted as it is written, by nobody's meter."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import NamedTuple

START = 1_767_268_800
SECONDS = 60
SHARE_OF_V6 = 0.3
SHARE_OF_TCP = 0.7
FIN, SYN, PUSH_ACK, FIN_ACK, SYN_ACK = 0x01, 0x02, 0x18, 0x11, 0x12
MACS = bytes.fromhex("020000000001020000000002")
SIZES = (0, 0, 100, 512, 1200, 1400)


class Trace(NamedTuple):
    """A capture file and its truth; ``flows`` counts each direction."""

    path: Path
    packets: int
    bytes: int
    flows: int


class Packet(NamedTuple):
    """When, what it says, and how much it carries."""

    time: float
    headers: bytes
    payload: int


def write_trace(path: Path, packets: int, conversations: int, *, seed: int = 1) -> Trace:
    """Write about so many packets of so many conversations, and say exactly how many."""
    chance = random.Random(seed)
    each = packets / conversations
    found: list[Packet] = []
    flows = 0
    for number in range(conversations):
        talk = conversation(chance, number, each)
        found += talk
        flows += len({packet.headers[:2] for packet in talk})
    found.sort()
    total = 0
    zeros = bytes(max(SIZES))
    with path.open("wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for time, headers, payload in found:
            frame = headers[2:]
            length = len(frame) + payload
            second, nanosecond = divmod(round(time * 1e9), 10**9)
            out.write(struct.pack("<IIII", START + second, nanosecond, length, length))
            out.write(frame)
            out.write(zeros[:payload])
            total += length - 14
    return Trace(path, len(found), total, flows)


def conversation(chance: random.Random, number: int, mean: float) -> list[Packet]:
    """Both directions of one conversation, its ports and addresses its own."""
    is_tcp = chance.random() < SHARE_OF_TCP
    is_v6 = chance.random() < SHARE_OF_V6
    count = max(2, round(chance.expovariate(1 / mean))) if is_tcp else chance.choice((2, 2, round(3 * mean)))
    begin = chance.random() * SECONDS
    step = min(1.0, chance.expovariate(1 / 0.05))
    talk = []
    # What each side sends next: nothing is lost, sent again or overtaken.
    sequences = [number, number]
    for place in range(count):
        is_back = place % 2 == 1
        payload = chance.choice(SIZES) if 1 < place < count - 2 or not is_tcp else 0
        flags = tcp_flags(place, count) if is_tcp else 0
        numbers = (sequences[is_back], sequences[not is_back])
        headers = frame_headers(number, payload, flags, numbers, is_v6=is_v6, is_tcp=is_tcp, is_back=is_back)
        sequences[is_back] += payload + bool(flags & (SYN | FIN))
        talk.append(
            Packet(begin + place * step, (b"\x00\x01" if is_back else b"\x00\x00") + headers, payload)
        )
    return talk


def tcp_flags(place: int, count: int) -> int:
    """Which control bits the packet at a place of a connection has."""
    if place < 2:
        return (SYN, SYN_ACK)[place]
    return FIN_ACK if place >= count - 2 else PUSH_ACK


def frame_headers(
    number: int,
    payload: int,
    flags: int,
    numbers: tuple[int, int],
    *,
    is_v6: bool,
    is_tcp: bool,
    is_back: bool,
) -> bytes:
    """Ethernet, IP and TCP, with its sequence and acknowledgment numbers, or UDP."""
    client, server = 0x0A000000 + number // 60_000, 0xC6336400 + number % 251
    ports = (1024 + number % 60_000, 443 if is_tcp else 53)
    ends = (server, client) if is_back else (client, server)
    source_port, destination_port = ports[::-1] if is_back else ports
    if is_tcp:
        transport = struct.pack(
            ">HHIIBBHHH", source_port, destination_port, *numbers, 0x50, flags, 65535, 0, 0
        )
    else:
        transport = struct.pack(">HHHH", source_port, destination_port, 8 + payload, 0)
    protocol = 6 if is_tcp else 17
    length = len(transport) + payload
    if is_v6:
        addresses = b"".join(struct.pack(">QQ", 0x20010DB8 << 32, end) for end in ends)
        return (
            MACS + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, length, protocol, 64) + addresses + transport
        )
    fields = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + length, 0, 0, 64, protocol, 0, *ends)
    return MACS + b"\x08\x00" + fields + transport
