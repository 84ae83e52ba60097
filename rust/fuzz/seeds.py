"""Writes the seeds of the fuzz targets: small inputs of our own making that reach far into each.

Run it after a change of the encoder or of how a target cuts its input: python rust/fuzz/seeds.py
"""

from __future__ import annotations

import struct
from array import array
from itertools import product
from pathlib import Path

from aioquic.quic.crypto import CryptoPair
from aioquic.quic.packet import QuicProtocolVersion
from seed_bytes import NOW, SECOND, framed, ipfix, listed, words, words32
from seed_messages import NEW_ENTERPRISE, messages
from seed_packets import packets, pcap, pcapng, zstd

from tidegauge._core import Batch, Decoder, Encoder

SEEDS = Path(__file__).parent / "seeds"
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
    (six, *_), eight = older()[6], older()[8]
    seeds["netflow-cut"] = framed(
        six[:-20], six + b"more", eight[0][:22] + bytes([99]) + eight[0][23:], *eight
    )
    seeds["sflow5"] = framed(
        *(SFLOW_HEADER + words32(len(samples)) + b"".join(samples) for samples in sflow_samples()),
        words32(5, 2) + V6 + words32(0, 1, 9, 0),
        words32(5, 0, 1, 2),
        *(words32(version, 1, 1, 2) for version in (2, 4)),
        words32(5),
        words32(5, 1, 1, 2),
    )
    seeds["options"] = framed(ipfix(OPTIONS_TEMPLATE, OPTIONS), ipfix(WITHDRAWAL, OPTIONS))
    return seeds | {name: framed(*made) for name, made in messages().items()}


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
        "basic-unnamed": b"\0\x07" + words(0x8001, 2) + words32(NEW_ENTERPRISE) + b"abcd",
        "basic-lengthless": b"\0\x03" + words(7, 0) + b"rest",
        "basic-backslash": b"\0\x03" + words(82, 3) + b'a\\"',
        "basic-deep": b"\0" + deep(12),
        "template-values": b"\x01\x03" + words(405) + bytes(3) + b"\x09" + bytes(5),
        "without-bytes": b"\x02\x03" + words(403, 5) + b"x",
        "short-part": b"\x02\x03" + words(400, 3) + b"x",
    }


def deep(levels: int) -> bytes:
    """A list in a list in a list."""
    inner = deep(levels - 1) if levels else b""
    return b"\x03" + words(291, len(inner)) + inner


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
        tagged(1005, words32(3) + b"abc\0" + words32(8) + bytes(8)),
        tagged(4095, b"what nobody knows   "),
        tagged(3 << 12 | 5, b"a vendor"),
        tagged(1, words32(11, 200, 0, 24) + bytes(24)),
        tagged(1, words32(99, 200, 0, 4) + bytes(4)),
        tagged(2, words32(100, 0x0800) + bytes(16)),
        tagged(3, words32(60, 17, 0xC0000201, 0xC0000202, 9, 53, 0, 0)),
        tagged(4, words32(60, 17) + V6 * 2 + words32(9, 53, 0, 0)),
    ]
    short = [
        tagged(1001, words32(12)),
        tagged(1003, words32(2) + V6 + words32(1, 2, 3, 900)),
        tagged(1, words32(1)),
    ]
    broken = words32(len(short)) + b"".join(short)
    body = words32(len(records)) + b"".join(records)
    told = [
        tagged(1, b"\xff" * 88),
        tagged(10, words32(1, 2, 3300, 35, 1, *range(10))),
        tagged(2000, words32(4, 0) + bytes(16) + words32(1, 2, 0)),
        tagged(2001, words32(1, 7, 1, 2, 3)),
        tagged(2003, bytes(80)),
        tagged(2005, bytes(52)),
        tagged(7 << 12, b"own!"),
        tagged(2, b""),
    ]
    counters = words32(len(told)) + b"".join(told)
    return [
        [tagged(1, words32(1, 3, 100, 1000, 2, 3, 0x80000002) + body), tagged(2, words32(1, 3) + counters)],
        [
            tagged(3, words32(1, 0, 3, 100, 1000, 2, 0, 3, 1, 256) + body),
            tagged(4, words32(1, 0, 3) + counters),
            tagged(5, words32(1, 0, 3, 2, 3, 0, 256) + body),
        ],
        [
            tagged(1, words32(2, 3, 0, 1000, 2, 3, 3) + broken),
            tagged(1, words32(3, 3, 100, 1000, 2, 0x40000007, 3) + broken),
            tagged(2, words32(2, 3, 9)),
            tagged(9, b"no sample of ours   "),
            tagged(4 << 12 | 1, b"a vendor's  "),
            words32(1, 4000),
        ],
    ]


def sflow() -> dict[str, bytes]:
    """Samples without the header in front, and the first bytes of packets."""
    samples = {f"samples-{place}": b"".join(made) for place, made in enumerate(sflow_samples())}
    return samples | {name: content for name, content in packets().items() if not name.startswith("pcap")}


def tagged(tag: int, body: bytes) -> bytes:
    """A structure of sFlow behind its number and length."""
    return words32(tag, len(body)) + body


# What happens in a life, in the first three bits before a length.
AT_PORTS, UNDATED, TIME, RESTART, BESIDE = (0, 1, 2, 3), 4, 5, 6, 7
DRAIN = 7


def happens(what: int, datagram: bytes = b"", amount: int = 0) -> bytes:
    """An event of a life, as the target reads it."""
    return words(what << 13 | (amount or len(datagram))) + datagram


def lives() -> dict[str, bytes]:
    """Templates that are lent, withdrawn, outlived and taken over."""
    encoder = Encoder("netflow9", observation_domain=1, boot_time=NOW - 3600 * SECOND)
    made = encoder.encode(flows(MAPPED + bytes([10, 0, 0, 1])), NOW)
    again = encoder.encode(flows(MAPPED + bytes([10, 0, 0, 2])), NOW)
    told = ipfix(OPTIONS_TEMPLATE, OPTIONS)
    others = {name: b"".join(happens(0, one) for one in sent) for name, sent in messages().items()}
    both = b"".join(happens(0, datagram) for datagram in made)
    restart, late = happens(RESTART), happens(TIME, amount=16 + 50)
    return others | {
        "beside": both + b"".join(happens(BESIDE, amount=8 * 5 + what) for what in range(6)) + both,
        "strict": happens(BESIDE, amount=1)
        + both
        + happens(2, ipfix(WITHDRAWAL, OPTIONS))
        + happens(1, again[-1]),
        "restart": both + happens(0, told) + restart + b"".join(happens(0, one) for one in again),
        "lent": both + b"".join(happens(1, one) for one in again) + happens(BESIDE, amount=DRAIN) + late,
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
        for message in (ipfix(OPTIONS_TEMPLATE, OPTIONS), *messages()["told-types"]):
            decoder.feed(message, "192.0.2.1", 2055, NOW)
        whole = decoder.knowledge() or b""
        seeds[version] = whole[KNOWLEDGE_HEADER_BYTES:]
        seeds |= {f"{version}-sealed": whole, f"{version}-torn": whole[:-1], f"{version}-cut": whole[:20]}
        seeds[f"{version}-other-format"] = whole[:6] + words(99) + whole[8:]
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
        "no-ipfix": framed(stream, words(9, 15) + bytes(12)),
        "ends-early": framed(stream[:-7], stream[:7]),
    } | {name: framed(*made) for name, made in messages().items()}


def files() -> dict[str, bytes]:
    """Datagrams of every version back to back, with filler, damage and cuts between them, and as captures."""
    seeds = {}
    for version in ("netflow5", "netflow9", "ipfix"):
        encoder = Encoder(version, observation_domain=1, boot_time=NOW - 3600 * SECOND)
        made = encoder.encode(flows(MAPPED + bytes(4)), NOW) + encoder.encode(flows(V6), NOW)
        seeds[version] = b"".join(made)
        seeds[f"{version}-filler"] = bytes(6).join(made) + bytes(9)
    message = ipfix(OPTIONS_TEMPLATE, OPTIONS)
    too_long = message[:2] + words(len(message) + 20) + message[4:]
    seeds["ipfix-damaged"] = message * 2 + too_long + message * 2 + b"no message" + message * 2 + message[:30]
    seeds["sflow5"] = (
        b"".join(SFLOW_HEADER + words32(len(samples)) + b"".join(samples) for samples in sflow_samples()) * 2
    )
    seeds["older"] = b"".join(datagram for made in older().values() for datagram in made)
    export = message + bytes(-len(message) % 4)
    udp = struct.pack(">HHHH", 1024, 4739, 8 + len(export), 0) + export
    header = (0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
    frame = bytes(12) + b"\x08\0" + struct.pack(">BBHHHBBH4s4s", *header) + udp
    seeds |= {name: b"".join(made) for name, made in messages().items()}
    return seeds | {
        "pcap": pcap(frame),
        "pcapng": pcapng(frame),
        "pcapng-zstd": zstd(pcapng(frame)) * 2,
        "zstd-torn": zstd(pcapng(frame)) + zstd(seeds["ipfix"])[:50],
        "messages-zstd": zstd(seeds["ipfix"]),
        "none": b"no file",
        "cut": pcapng(frame)[:60],
    }


def ntp() -> dict[str, bytes]:
    """Requests behind what the target takes first: no word, limit or leap, the time."""
    clock = struct.pack("<q", NOW)
    numbers = bytes(4) + clock
    plain = {version: bytes([version << 3 | 3]) + bytes(39) + b"\x01" * 8 for version in (3, 4)}
    # Identifier, a cookie that nobody can open, authenticator.
    secured = field(0x0104, bytes(32)) + field(0x0204, bytes(100)) + field(0x0404, words(16, 16) + bytes(32))
    word = b"\1\2GPS\0" + struct.pack("<4q", NOW - SECOND, 1000, 1000, NOW - SECOND)
    asked = [plain[4][:40] + struct.pack(">Q", moment) for moment in range(1, 60)]
    interleaved = bytes([0x23]) + bytes(23) + struct.pack(">QQQ", 7, 8, 9)
    bad = [b"\x23" * 20, plain[4] + b"\0" * 3, b"\x43" + plain[4][1:], b"\x24" + plain[4][1:]]
    rules = {
        "allowed": b"\1" + (0xFFFF_C0000200).to_bytes(16, "little") + b"\x18\0",
        "denied": b"\1" + bytes(16) + b"\0\1",
        "no-network": b"\1" + (1).to_bytes(16, "little") + b"\x08\0",
        "no-length": b"\1" + bytes(16) + b"\xff\1",
    }
    limits = {
        "limited": struct.pack("<dIIB", 0.1, 2, 3, 1),
        "no-rate": struct.pack("<dIIB", -1.0, 2, 3, 1),
        "no-burst": struct.pack("<dIIB", 1.0, 0, 3, 1),
    }
    leaps = {
        f"leap-{name}": struct.pack("<qBB", NOW + ahead, inserted, smeared)
        for name, ahead, inserted, smeared in (
            ("inserted", SECOND, 1, 0), ("deleted", SECOND, 0, 0), ("smeared", SECOND, 1, 1),
            ("smeared-off", -SECOND, 0, 1), ("ambiguous", 1, 1, 1), ("over", -9 * 86_400 * SECOND, 1, 1),
        )
    }  # fmt: skip
    return {
        "version-3": numbers + framed(plain[3]),
        "version-4": numbers + framed(plain[4]),
        "nts": numbers + framed(plain[4] + secured),
        "vouched": word + bytes(3) + clock + framed(*asked[:3], interleaved, *bad),
        **{name: bytes(3) + rule + clock + framed(*asked[:2]) for name, rule in rules.items()},
        **{name: b"\0\1" + limit + bytes(2) + clock + framed(*asked) for name, limit in limits.items()},
        **{name: word + b"\0\1" + leap + b"\0" + clock + framed(*asked[:2]) for name, leap in leaps.items()},
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
    ends6 = b"".join(
        attribute(
            kind,
            attribute(1, attribute(3, V6) + attribute(4, V6) + attribute(9, b""))
            + attribute(2, attribute(1, b"\x3a")),
        )
        for kind in (1, 2)
    )
    told = counted + attribute(10, counted[4:]) + attribute(20, attribute(3, b"")) + attribute(99, bytes(4))
    changed, refused = netlink(0x100, 0, ends + life + told), netlink(2, 0, struct.pack("=i", -1))
    other = (
        netlink(9, 0, b""),
        netlink(0x100, 0, ends[:40]),
        struct.pack("=IHHII", 16, 2, 0, 0, 0),
        bytes(16),
    )
    return {
        "six": number
        + framed(
            netlink(0x100, 0x600, ends6), netlink(0x102, 0, ends6 + attribute(21, struct.pack(">Q", NOW)))
        ),
        "others": number + framed(begun, changed, refused, *other, b"\1"),
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


def hello(
    version: int = 0x0304, *, name: bytes = b"video.example", protocol: bytes = b"h2", bare: bool = False
) -> bytes:
    """A handshake message with a small ClientHello: a name, a protocol, versions."""
    extensions = extension(0, listed(b"\0" + listed(name))) + extension(
        16, listed(bytes([len(protocol)]) + protocol)
    )
    extensions += extension(43, b"\x04\x0a\x0a" + words(version)) + extension(
        13, listed(words(0x0403, 0x0804))
    )
    extensions = b"" if bare else extensions
    body = words(0x0303) + bytes(32) + b"\0" + listed(words(0x1301, 0xC02F)) + b"\x01\0" + listed(extensions)
    return b"\x01\0" + listed(body)


def tls() -> dict[str, bytes]:
    """A hello in one record and in two."""
    message = hello()
    parts = message[:40], message[40:]
    return {
        "one-record": record(message),
        "two-records": b"".join(map(record, parts)),
        "message": message,
        "no-hello": record(b"\x02" + message[1:]),
        "alert": b"\x15\x03\x01" + listed(b"\2\x28"),
        "old": b"\x16\x03\x00" + listed(message[:20]),
        **{
            f"version-{version:04x}": record(hello(version))
            for version in (0x0303, 0x0302, 0x0301, 0x0300, 2, 9)
        },
        "bare": record(hello(0x0303, bare=True)),
        "protocol": record(hello(0x0304, protocol=b"\0\xff")),
        "name": record(hello(0x0304, name=b"bad name")),
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
        "no-host": b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
        "other": b"SSH-2.0-OpenSSH_9.2\r\n",
        "bad-line": b"GET / FTP/1.1\r\nHost: a.example\r\n\r\n",
        "literal": b"GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n",
        "long": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n",
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
        "answer-6": words(7, 0x8180, 1, 2, 0, 0)
        + name
        + words(28, 1)
        + words(0xC00C, 16, 1, 0, 60, 2)
        + b"\1a"
        + words(0xC00C, 28, 1, 0, 20, 16)
        + V6,
        "error": words(7, 0x8183, 1, 0, 0, 0) + name + words(1, 1),
        "loop": words(7, 0x8180, 1, 1, 0, 0) + name + words(1, 1) + words(0xC01B, 1, 1, 0, 20, 4) + bytes(4),
        "pointer": words(7, 0x0100, 1, 0, 0, 0) + b"\5video\xc0\x04" + words(1, 1),
        "pointer-ahead": words(7, 0x0100, 1, 0, 0, 0) + b"\5video\xc0\x40" + words(1, 1),
        "label": words(7, 0x8180, 1, 0, 0, 0) + b"\x80a\0" + words(1, 1),
        "stream": listed(words(7, 0x0100, 1, 0, 0, 0) + name + words(1, 1)) * 2,
        "question": words(7, 0x0100, 1, 0, 0, 0) + name + words(1, 1),
    }


def record(part: bytes) -> bytes:
    """A TLS record of a handshake."""
    return b"\x16\x03\x01" + listed(part)


def extension(kind: int, body: bytes) -> bytes:
    """An extension of a ClientHello."""
    return words(kind) + listed(body)


def field(kind: int, body: bytes) -> bytes:
    """An extension field of an NTP packet."""
    return words(kind, 4 + len(body)) + body


def search() -> dict[str, bytes]:
    """Searches of both forms of a file for each kind of condition: whole, with one byte of it another."""
    seeds = {}
    for form, kind in product(range(2), range(4)):
        head = bytes([form | kind << 1 | 5 << 3])
        seeds[f"whole-{form}-{kind}"] = head
        for place in (40, 4000, 30_000):
            seeds[f"damaged-{form}-{kind}-{place}"] = head + words(place) + b"\x7f"
    return seeds


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
        "files": files(),
        "http": http(),
        "lists": lists(),
        "knowledge": knowledge(),
        "lives": lives(),
        "ntp": ntp(),
        "nts": nts(),
        "packet": packets(),
        "quic": quic(),
        "search": search(),
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
