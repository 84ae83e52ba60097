"""Writes the seeds of the fuzz targets: small inputs of our own making that reach far into each.

Run it after a change of the encoder or of how a target cuts its input: python rust/fuzz/seeds.py
"""  # noqa: INP001 -- a program, not a package

from __future__ import annotations

import struct
from array import array
from pathlib import Path

from aioquic.quic.crypto import CryptoPair
from aioquic.quic.packet import QuicProtocolVersion

from tidegauge._core import Batch, Decoder, Encoder

SEEDS = Path(__file__).parent / "seeds"
NOW = 1_700_000_000_000_000_000
SECOND = 1_000_000_000
ROWS = 3
KNOWLEDGE_HEADER_BYTES = 24
MAPPED = bytes(10) + b"\xff\xff"
V6 = bytes.fromhex("20010db8") + bytes(12)


def flows(address: bytes) -> Batch:
    """A few flows from and to an address."""
    return Batch(
        {
            "start": array("q", [NOW - 2 * SECOND] * ROWS).tobytes(),
            "end": array("q", [NOW - SECOND] * ROWS).tobytes(),
            "src_addr": address * ROWS,
            "dst_addr": address * ROWS,
            "src_port": array("H", range(ROWS)).tobytes(),
            "dst_port": array("H", [443] * ROWS).tobytes(),
            "protocol": array("B", [6] * ROWS).tobytes(),
            "bytes": array("Q", range(ROWS)).tobytes(),
            "packets": array("Q", [1] * ROWS).tobytes(),
            "user": b"ann\n\nbob",
        }
    )


def datagrams() -> dict[str, bytes]:
    """Exports of every version, each datagram behind its length as the target cuts them."""
    seeds = {}
    for version in ("netflow5", "netflow9", "ipfix"):
        made = []
        encoder = Encoder(version, observation_domain=1, boot_time=NOW - 3600 * SECOND)
        for address in (MAPPED + bytes([10, 0, 0, 1]), V6):
            made += encoder.encode(flows(address), NOW)
        seeds[version] = framed(*made)
        # Data that outruns its template.
        seeds[f"{version}-late-template"] = framed(*made[::-1], *made)
    seeds |= {f"netflow{version}": framed(*made) for version, made in older().items()}
    seeds["sflow5"] = framed(
        *(SFLOW_HEADER + words32(len(samples)) + b"".join(samples) for samples in sflow_samples())
    )
    seeds["options"] = framed(ipfix(OPTIONS_TEMPLATE, OPTIONS), ipfix(WITHDRAWAL, OPTIONS))
    return seeds


def lists() -> dict[str, bytes]:
    """A value of each kind of list, behind the byte that tells the kind, and lists in lists."""
    ports = words(1, 443) + b"\x04eth0"
    macs = bytes(12) + bytes(8) + b"\0"
    one = b"\x03" + words(400) + ports + ports
    several = (
        b"\x03" + words(400, 4 + len(ports)) + ports + words(404, 4 + len(macs)) + macs + words(999, 6, 7)
    )
    nested = b"\x04" + words(401) + bytes([len(one)]) + one + b"\x06"
    return {
        "basic": b"\0\x03" + words(7, 2, 80, 443),
        "basic-variable": b"\0\xff" + words(82, 0xFFFF) + b"\x04eth0\0\xff" + words(3) + b'a"\n',
        "basic-enterprise": b"\0\x00" + words(0x8021, 2, 0, 6871, 80),
        "basic-nested": b"\0\x03"
        + words(291, 0xFFFF)
        + b"\x07\x03"
        + words(7, 2, 80)
        + b"\x06\x03"
        + words(4, 1)
        + b"\6",
        "one-template": b"\x01" + one,
        "one-template-nested": b"\x01" + nested,
        "several-templates": b"\x02" + several,
        "several-templates-nested": b"\x02\x03" + words(401, 4 + len(nested) - 3) + nested[3:],
        "verbatim": b"\x05" + several,
        "without-bytes": b"\x02\x03" + words(403, 5) + b"x",
        "short-part": b"\x02\x03" + words(400, 3) + b"x",
    }


def older() -> dict[int, list[bytes]]:
    """A record of each version without templates, and of each aggregation scheme of NetFlow 8."""
    begin = struct.pack(">HIII", 1, 3_600_000, NOW // SECOND, 0)
    sizes = (28, 28, 32, 32, 40, 32, 40, 44, 32, 32, 32, 32, 40, 40)
    record = struct.pack(
        ">12I4x", *(0x0A000001,) * 3, 0x00030004, 9, 900, 3_500_000, 3_599_000, *(0x1F9001BB,) * 4
    )
    versions = {version: [words(version) + begin + bytes(8) + record] for version in (6, 7)}
    versions[1] = [words(1) + begin + record[:48]]
    versions[8] = [
        words(8) + begin + bytes(6) + bytes([scheme, 2]) + bytes(4) + record[:size]
        for scheme, size in enumerate(sizes, 1)
    ]
    return versions


def sflow_samples() -> list[list[bytes]]:
    """Samples of packets and of counters, compact and expanded, with all that a router tells."""
    frame = packets()["double-tag"]
    path = words32(2, 2, 2, 64500, 64501, 1, 1, 64502)
    records = [
        tagged(1, words32(1, 1518, 4, len(frame)) + frame + bytes(-len(frame) % 4)),
        tagged(1001, words32(12, 0, 13, 0)),
        tagged(1002, words32(1, 0xC0000201, 24, 16)),
        tagged(1003, words32(1, 0xC0000201, 1, 2, 3) + path + words32(1, 64500 << 16, 100)),
        tagged(1004, words32(106, 3) + b"ann\0" + words32(106, 0)),
        tagged(1006, words32(1, 0xC0000201, 1, 7, 2, 8, 9)),
        tagged(4095, b"what nobody knows   "),
    ]
    body = words32(len(records)) + b"".join(records)
    counters = words32(2) + tagged(1, bytes(88)) + tagged(2005, bytes(52))
    return [
        [tagged(1, words32(1, 3, 100, 1000, 2, 3, 0x80000002) + body), tagged(2, words32(1, 3) + counters)],
        [
            tagged(3, words32(1, 0, 3, 100, 1000, 2, 0, 3, 1, 256) + body),
            tagged(4, words32(1, 0, 3) + counters),
            tagged(5, words32(1, 0, 3, 2, 3, 0, 256) + body),
        ],
    ]


def sflow() -> dict[str, bytes]:
    """Samples without the header in front, and the first bytes of packets."""
    samples = {f"samples-{place}": b"".join(made) for place, made in enumerate(sflow_samples())}
    return samples | {name: content for name, content in packets().items() if not name.startswith("pcap")}


def tagged(tag: int, body: bytes) -> bytes:
    """A structure of sFlow behind its number and length."""
    return words32(tag, len(body)) + body


def words32(*values: int) -> bytes:
    """Four bytes each."""
    return struct.pack(f">{len(values)}I", *values)


# What happens in a life, in the first three bits before a length.
AT_PORTS, UNDATED, TIME, RESTART, DRAIN = (0, 1, 2, 3), 4, 5, 6, 7


def happens(what: int, datagram: bytes = b"", amount: int = 0) -> bytes:
    """An event of a life, as the target reads it."""
    return words(what << 13 | (amount or len(datagram))) + datagram


def lives() -> dict[str, bytes]:
    """Templates that are lent, withdrawn, outlived and taken over."""
    encoder = Encoder("netflow9", observation_domain=1, boot_time=NOW - 3600 * SECOND)
    made = encoder.encode(flows(MAPPED + bytes([10, 0, 0, 1])), NOW)
    again = encoder.encode(flows(MAPPED + bytes([10, 0, 0, 2])), NOW)
    told = ipfix(OPTIONS_TEMPLATE, OPTIONS)
    both = b"".join(happens(0, datagram) for datagram in made)
    restart, late = happens(RESTART), happens(TIME, amount=16 + 50)
    return {
        "restart": both + happens(0, told) + restart + b"".join(happens(0, one) for one in again),
        "lent": both + b"".join(happens(1, one) for one in again) + happens(DRAIN) + late,
        "expired": both + late + b"".join(happens(0, one) for one in again) + restart,
        "withdrawn": happens(2, told) + happens(2, ipfix(WITHDRAWAL, OPTIONS)) + restart + happens(3, told),
        "undated": b"".join(happens(UNDATED, one) for one in made) + restart,
    }


def knowledge() -> dict[str, bytes]:
    """What decoders know of each version, without the header in front of it."""
    seeds = {}
    for version in ("netflow9", "ipfix"):
        decoder = Decoder()
        encoder = Encoder(version, observation_domain=1, boot_time=NOW - 3600 * SECOND)
        for datagram in encoder.encode(flows(MAPPED + bytes([10, 0, 0, 1])), NOW):
            decoder.feed(datagram, "192.0.2.1", 2055, NOW)
        decoder.feed(ipfix(OPTIONS_TEMPLATE, OPTIONS), "192.0.2.1", 2055, NOW)
        seeds[version] = (decoder.knowledge() or b"")[KNOWLEDGE_HEADER_BYTES:]
    return seeds


def streams() -> dict[str, bytes]:
    """A session over a connection, whole and in pieces, and one that goes wrong."""
    encoder = Encoder("ipfix", observation_domain=1, in_stream=True)
    made = [
        message for address in (MAPPED, V6[:12]) for message in encoder.encode(flows(address + bytes(4)), NOW)
    ]
    stream = b"".join(made)
    pieces = [stream[start : start + 50] for start in range(0, len(stream), 50)]
    return {
        "whole": framed(stream),
        "pieces": framed(*pieces),
        "options": framed(ipfix(OPTIONS_TEMPLATE, OPTIONS), ipfix(WITHDRAWAL, OPTIONS)),
        "wrong": framed(stream + words(10, 15) + bytes(12), stream),
    }


def packets() -> dict[str, bytes]:
    """A TCP packet as a frame, as a pcap file and as a pcapng file."""
    tcp = struct.pack(">HHIIBBHHH", 1024, 443, 1, 0, 0x50, 2, 8192, 0, 0)
    ip = (
        struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
        + tcp
    )
    frame = bytes(12) + b"\x08\0" + ip
    pcap = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    pcap += struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame
    padded = frame + bytes(-len(frame) % 4)
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = block(1, struct.pack("<HHI", 1, 0, 0))
    packet = block(6, struct.pack("<IIIII", 0, 400_000, 0, len(frame), len(frame)) + padded)
    return {
        "ethernet": frame,
        "ip": ip,
        "pcap": pcap,
        "pcapng": section + interface + packet,
        **tunnels(ip, frame),
    }


def tunnels(ip: bytes, frame: bytes) -> dict[str, bytes]:
    """A packet in each kind of tunnel that is opened, and two deep."""

    def around(protocol: int, body: bytes) -> bytes:
        header = (0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, b"\xc0\0\2\1", b"\xc0\0\2\2")
        return struct.pack(">BBHHHBBH4s4s", *header) + body

    def datagram(port: int, body: bytes) -> bytes:
        return around(17, struct.pack(">HHHH", 1024, port, 8 + len(body), 0) + body)

    v6 = struct.pack(">IHBB", 6 << 28, len(ip), 4, 64) + bytes(32) + ip
    vxlan = datagram(4789, b"\x08\0\0\0\0\0\x07\0" + frame)
    return {
        "ip-in-ip": around(4, ip),
        "6in4": around(41, v6),
        "gre": around(47, words(0x3000, 0x0800) + bytes(8) + ip),
        "vxlan": vxlan,
        "vxlan-in-ip": around(4, vxlan),
        "geneve": datagram(6081, words(0x0100, 0x6558) + bytes(8) + frame),
        "mpls": bytes(12) + words(0x8847, 0x0001, 0x0140) + ip,
        "pppoe": bytes(12) + words(0x8864, 0x1100, 1, len(ip) + 2, 0x0021) + ip,
        "double-tag": bytes(12) + words(0x88A8, 7, 0x8100, 5, 0x0800) + ip,
    }


def ntp() -> dict[str, bytes]:
    """Requests behind what the target takes first: no word, limit or leap, the time."""
    numbers = bytes(3) + struct.pack("<q", NOW)
    plain = {version: bytes([version << 3 | 3]) + bytes(39) + b"\x01" * 8 for version in (3, 4)}
    # Identifier, a cookie that nobody can open, authenticator.
    secured = field(0x0104, bytes(32)) + field(0x0204, bytes(100)) + field(0x0404, words(16, 16) + bytes(32))
    return {
        "version-3": numbers + framed(plain[3]),
        "version-4": numbers + framed(plain[4]),
        "nts": numbers + framed(plain[4] + secured),
    }


def nts() -> dict[str, bytes]:
    """With an identifier; what the target makes of the rest is random anyway."""
    return {"identifier": b"\x01" + bytes(64)}


def conntrack() -> dict[str, bytes]:
    """A translated connection begins, is listed and ends, each behind its length as the target cuts them."""
    private, server, public = b"\x0a\0\0\5", b"\xcb\0\x71\x0a", b"\xc6\x33\x64\1"
    ends = tuple_attribute(1, private, 40_000, server, 80) + tuple_attribute(2, server, 80, public, 30_084)
    ends += attribute(12, struct.pack(">I", 7))
    life = attribute(20, attribute(1, struct.pack(">Q", NOW)) + attribute(2, struct.pack(">Q", NOW + SECOND)))
    counted = attribute(9, attribute(1, struct.pack(">Q", 3)) + attribute(2, struct.pack(">Q", 180)))
    begun, listed, done = netlink(0x100, 0x600, ends), netlink(0x100, 2, ends), netlink(3, 2, b"")
    gone = netlink(0x102, 0, ends + life + counted)
    number = struct.pack("<q", NOW)
    return {
        "life": number + framed(begun, gone),
        # 0x40 in a length begins a list, 0x80 tells of an overrun.
        "list": number + framed(begun) + listing(0x40, listed + done) + framed(gone),
        "overrun": number + framed(begun) + listing(0x80, b"") + listing(0x40, done),
    }


def listing(sign: int, read: bytes) -> bytes:
    """A read behind a length that also says what happened before it."""
    return words(sign << 8 | len(read)) + read


def netlink(kind: int, flags: int, attributes: bytes) -> bytes:
    """A message of connection tracking."""
    return struct.pack("=IHHIII", 20 + len(attributes), kind, flags, 0, 0, 2) + attributes


def attribute(kind: int, value: bytes) -> bytes:
    """An attribute of a message, padded."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def tuple_attribute(kind: int, src: bytes, src_port: int, dst: bytes, dst_port: int) -> bytes:
    """The ends of one direction, over TCP."""
    addresses = attribute(1, attribute(1, src) + attribute(2, dst))
    ports = attribute(2, words(src_port)) + attribute(3, words(dst_port))
    return attribute(kind, addresses + attribute(2, attribute(1, b"\x06") + ports))


def hello() -> bytes:
    """A handshake message with a small ClientHello: a name, a protocol, versions."""
    extensions = extension(0, listed(b"\0" + listed(b"video.example"))) + extension(16, listed(b"\x02h2"))
    extensions += extension(43, b"\x02\x03\x04") + extension(13, listed(words(0x0403, 0x0804)))
    body = b"\x03\x03" + bytes(32) + b"\0" + listed(words(0x1301, 0xC02F)) + b"\x01\0" + listed(extensions)
    return b"\x01\0" + listed(body)


def tls() -> dict[str, bytes]:
    """A hello in one record and in two."""
    message = hello()
    parts = message[:40], message[40:]
    return {
        "one-record": record(message),
        "two-records": b"".join(map(record, parts)),
        "message": message,
    }


def quic() -> dict[str, bytes]:
    """A hello in the Initial packet of each version, cut into frames, and the frames alone."""
    message = hello()
    frames = b"".join(
        b"\x06" + words(0x4000 | place, 0x4000 | len(piece)) + piece
        for place, piece in ((40, message[40:]), (0, message[:40]))
    )
    seeds = {"frames": bytes([1, 2, 5, 0, 1, 0, 0, 0, 1]) + frames}
    for version in (QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2):
        cid = bytes(range(8))
        plain = frames.ljust(1162, b"\0")
        header = bytes([0xC0 if version == QuicProtocolVersion.VERSION_1 else 0xD0])
        header += (
            struct.pack(">IB", version, len(cid)) + cid + b"\0\0" + words(0x4000 | (1 + len(plain) + 16))
        )
        pair = CryptoPair()
        pair.setup_initial(cid, is_client=True, version=version)
        seeds[version.name.lower()] = pair.encrypt_packet(header + b"\0", plain, packet_number=0)
    return seeds


def http() -> dict[str, bytes]:
    """Requests by path and by authority."""
    return {
        "get": b"GET / HTTP/1.1\r\nAccept: */*\r\nHost: video.example:8080\r\n\r\n",
        "connect": b"CONNECT video.example:443 HTTP/1.1\r\n\r\n",
    }


def dns() -> dict[str, bytes]:
    """An answer by way of an alias, and its question."""
    name = b"\x05video\x07example\0"
    alias = words(0xC00C, 5, 1, 0, 60, 7) + b"\x04edge\xc0\x12"
    address = words(0xC02B, 1, 1, 0, 20, 4) + b"\xc0\0\x02\x01"
    return {
        "answer": words(7, 0x8180, 1, 2, 0, 0) + name + words(1, 1) + alias + address,
        "question": words(7, 0x0100, 1, 0, 0, 0) + name + words(1, 1),
    }


def record(part: bytes) -> bytes:
    """A TLS record of a handshake."""
    return b"\x16\x03\x01" + listed(part)


def extension(kind: int, body: bytes) -> bytes:
    """An extension of a ClientHello."""
    return words(kind) + listed(body)


def listed(body: bytes) -> bytes:
    """Behind its length."""
    return words(len(body)) + body


def field(kind: int, body: bytes) -> bytes:
    """An extension field of an NTP packet."""
    return words(kind, 4 + len(body)) + body


def framed(*made: bytes) -> bytes:
    """Put each datagram behind its length."""
    return b"".join(struct.pack(">H", len(one)) + one for one in made)


def ipfix(*sets: bytes) -> bytes:
    """A message of these sets."""
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), NOW // SECOND, 0, 1) + body


def words(*values: int) -> bytes:
    """Two bytes each."""
    return struct.pack(f">{len(values)}H", *values)


def block(kind: int, body: bytes) -> bytes:
    """A block of a pcapng file."""
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


# Scope observationDomainId, then samplingInterval.
OPTIONS_TEMPLATE = words(3, 18, 257, 2, 1, 149, 4, 34, 4)
OPTIONS = words(257, 12, 0, 1, 0, 100)
WITHDRAWAL = words(3, 8, 3, 0)
# Version, an agent's address, sub-agent, sequence and uptime.
SFLOW_HEADER = words32(5, 1, 0xC0000201, 0, 1, 86_400_000)


def main() -> None:
    """Write every seed."""
    made = {
        "conntrack": conntrack(),
        "datagrams": datagrams(),
        "dns": dns(),
        "http": http(),
        "lists": lists(),
        "knowledge": knowledge(),
        "lives": lives(),
        "ntp": ntp(),
        "nts": nts(),
        "packet": packets(),
        "quic": quic(),
        "sflow": sflow(),
        "streams": streams(),
        "tls": tls(),
    }
    for target, seeds in made.items():
        (SEEDS / target).mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            (SEEDS / target / name).write_bytes(content)


if __name__ == "__main__":
    main()
