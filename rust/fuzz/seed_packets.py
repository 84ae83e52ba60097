"""Packets, and files of them, that seeds are made of."""

from __future__ import annotations

import struct

from seed_bytes import NOW, SECOND, words


def packets() -> dict[str, bytes]:
    """A TCP packet as a frame and in files, and packets that few send."""
    tcp = struct.pack(">HHIIBBHHH", 1024, 443, 1, 0, 0x50, 2, 8192, 0, 0)
    ip = (
        struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
        + tcp
    )
    frame = bytes(12) + b"\x08\0" + ip
    return {
        "ethernet": frame,
        "ip": ip,
        "pcap": pcap(frame),
        "pcapng": pcapng(frame),
        **tunnels(ip, frame),
        **links(ip, struct.pack(">IHBB", 6 << 28, len(tcp), 6, 64) + bytes(32) + tcp),
        **networks(ip),
        **capture_files(frame),
    }


def pcap(frame: bytes) -> bytes:
    """A file of a frame."""
    header = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return header + struct.pack("<IIII", NOW // SECOND, 0, len(frame), len(frame)) + frame


def pcapng(frame: bytes) -> bytes:
    """A file of a section, an interface and a frame."""
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = block(1, struct.pack("<HHI", 1, 0, 0))
    lengths = len(frame), len(frame)
    packet = block(6, struct.pack("<IIIII", 0, 400_000, 0, *lengths) + frame + bytes(-len(frame) % 4))
    return section + interface + packet


def zstd(content: bytes) -> bytes:
    """A frame of zstd (RFC 8878): a block for each half, as it is, and one of zeros."""
    half = len(content) // 2
    blocks = [(half, 0), (len(content) - half, 0), (8, 1 << 1 | 1)]
    bodies = content[:half], content[half:], b"\0"
    header = struct.pack("<IBI", 0xFD2FB528, 0b1010_0000, len(content) + 8)
    return header + b"".join(
        (size << 3 | kind).to_bytes(3, "little") + body
        for (size, kind), body in zip(blocks, bodies, strict=True)
    )


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


def block(kind: int, body: bytes) -> bytes:
    """A block of a pcapng file."""
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def links(ip: bytes, ip6: bytes) -> dict[str, bytes]:
    """A packet behind each kind of link header."""
    label = words(0x0001, 0x0140)
    return {
        "cooked": words(0, 1, 6) + bytes(6) + words(0, 0x0800) + ip,
        "cooked-2": words(0x86DD, 0, 0, 1, 1) + b"\0\6" + bytes(8) + ip6,
        "loopback": bytes(4) + ip6,
        "old-tags": bytes(12) + words(0x9100, 7, 0x8100, 5, 0x86DD) + ip6,
        "llc": bytes(12) + words(8 + len(ip)) + b"\xaa\xaa\3\0\0\0\x08\0" + ip,
        "llc-other": bytes(12) + words(40) + b"\x42\x42\3" + bytes(37),
        "ppp": b"\xff\x03\0\x21" + ip,
        "ppp-mpls": b"\x02\x81" + label + ip,
        "ppp-other": b"\xc0\x21" + bytes(8),
        "pppoe-v6": bytes(12) + words(0x8864, 0x1100, 1, len(ip6) + 2, 0x0057) + ip6,
        "pppoe-other": bytes(12) + words(0x8864, 0x1100, 1, 10, 0xC021) + bytes(8),
        "pseudowire": bytes(12)
        + words(0x8847)
        + label
        + bytes(4)
        + bytes(12)
        + words(0x8100, 9, 0x0800)
        + ip,
        "pseudowire-other": bytes(12)
        + words(0x8847)
        + label
        + bytes(4)
        + bytes(12)
        + words(0x88CC)
        + bytes(40),
        "labels": bytes(12) + words(0x8847) + words(0x0001, 0x0040) * 12 + label + b"\x70" + bytes(20),
        "arp": bytes(12) + words(0x0806, 1, 0x0800, 0x0604, 1) + bytes(20),
    }


def networks(ip: bytes) -> dict[str, bytes]:
    """IPv6 with each extension header, fragments, other protocols, lengths that cannot be, cut headers."""
    tcp = ip[20:]

    def v6(protocol: int, body: bytes, length: int | None = None) -> bytes:
        size = len(body) if length is None else length
        return (
            struct.pack(">IHBB", 6 << 28 | 0x0A0 << 20, size, protocol, 64)
            + bytes(15)
            + b"\1"
            + bytes(15)
            + b"\2"
            + body
        )

    def v4(protocol: int, body: bytes, fragment: int = 0, length: int | None = None) -> bytes:
        size = 20 + len(body) if length is None else length
        header = (0x45, 0x10, size, 7, fragment, 64, protocol, 0, b"\xc0\0\2\1", b"\xc0\0\2\2")
        return struct.pack(">BBHHHBBH4s4s", *header) + body

    chain = (
        bytes([43, 0])
        + bytes(6)
        + bytes([60, 0])
        + bytes(6)
        + bytes([51, 0])
        + bytes(6)
        + bytes([44, 1])
        + bytes(6)
    )
    later, first = bytes([17, 0]) + words(0x0100, 0, 9), bytes([6, 0]) + words(0x0001, 0, 9)
    return {
        "extensions": v6(0, chain + bytes([6, 0, 0, 0, 0, 0, 0, 9]) + tcp),
        "later-fragment-6": v6(44, later + bytes(24)),
        "first-fragment-6": v6(44, first + tcp),
        "jumbo": v6(6, tcp, 0),
        "icmp-6": v6(58, b"\x80\0" + bytes(10)),
        "udp-6": v6(17, words(1024, 53, 20, 0) + bytes(12)),
        "cut-6": v6(6, tcp)[:30],
        "cut-options-6": v6(0, bytes([6, 9]) + bytes(6)),
        "icmp": v4(1, b"\x08\0" + bytes(10)),
        "sctp": v4(132, words(2905, 2905) + bytes(20)),
        "gre-other": v4(47, words(0, 0x880B) + bytes(12)),
        "gre-version": v4(47, words(1, 0x880B) + bytes(12)),
        "first-fragment": v4(17, words(1024, 53, 60, 0) + bytes(12), 0x2000),
        "later-fragment": v4(17, bytes(24), 0x0010),
        "no-length": v4(6, tcp, length=0),
        "bad-length": v4(6, tcp, length=10),
        "cut": v4(6, tcp)[:17],
        "cut-ports": v4(6, tcp)[:22],
        "cut-flags": v4(6, tcp)[:30],
        "teredo": v4(17, words(1024, 4789, 16, 0) + bytes(8)),
        "options": bytes([0x46]) + v4(6, bytes(4) + tcp)[1:],
        "version": b"\x50" + bytes(40),
    }


def capture_files(frame: bytes) -> dict[str, bytes]:
    """Captures of both byte orders, every kind of packet block, each resolution, and damage of each kind."""
    nanoseconds = struct.pack(">IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
    one = struct.pack(">IIII", NOW // SECOND, 7, len(frame), len(frame)) + frame
    old = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    huge = struct.pack("<IIII", 0, 0, 1 << 30, 1 << 30)
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    big_section = struct.pack(">IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    padded = frame + bytes(-len(frame) % 4)

    def interface(*options: tuple[int, bytes]) -> bytes:
        told = b"".join(
            struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in options
        )
        return block(1, struct.pack("<HHI", 1, 0, 0) + told + bytes(4))

    decimal = interface((2, b"eth0"), (9, b"\x09"), (14, struct.pack("<q", 3600)))
    coarse, fine, binary = interface((9, b"\x03")), interface((9, b"\x0c")), interface((9, b"\x8a"))
    simple = block(3, struct.pack("<I", len(frame)) + padded)
    obsolete = block(2, struct.pack("<HHIIII", 0, 0, 1, 400_000, len(frame), len(frame)) + padded)
    enhanced = [
        block(6, struct.pack("<IIIII", at, 400_000, 0, len(frame), len(frame)) + padded) for at in range(5)
    ]
    big_interface = struct.pack(">IIHHIHH", 1, 32, 1, 0, 0, 14, 8) + struct.pack(">qI", 60, 32)
    whole = section + decimal + coarse + fine + binary + simple + obsolete + b"".join(enhanced)
    return {
        "pcap-nanoseconds": nanoseconds + one * 3,
        "pcap-huge": old + huge,
        "pcap-cut": nanoseconds + one[:-5],
        "pcap-short": old[:10],
        "pcapng-all": whole + block(5, bytes(8)) + section + simple,
        "pcapng-big": big_section + big_interface,
        "pcapng-lengths": section + struct.pack("<II", 6, 16) + bytes(4) + struct.pack("<I", 20),
        "pcapng-short-block": section + struct.pack("<II", 6, 4),
        "pcapng-short-packet": section + decimal + block(6, bytes(8)),
        "pcapng-short-simple": section + decimal + block(3, b""),
        "pcapng-short-interface": section + block(1, bytes(4)),
        "pcapng-long-packet": section + decimal + block(6, struct.pack("<IIIII", 0, 0, 0, 999, 999) + padded),
        "pcapng-no-interface": section + enhanced[4],
        "pcapng-order": block(0x0A0D0D0A, bytes(16)),
    }
