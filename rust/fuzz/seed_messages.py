"""Messages of IPFIX and NetFlow v9 that hold what exporters seldom send, in their order."""

from __future__ import annotations

import csv
import hashlib
import struct
from pathlib import Path

from seed_bytes import (
    NOW,
    OPTIONS_TEMPLATE_SET,
    SECOND,
    TEMPLATE_SET,
    a_set,
    ipfix,
    netflow9,
    template,
    words,
    words32,
)
from seed_packets import packets

IANA = Path(__file__).parents[2] / "schema/elements/iana.csv"
REVERSE, CERT = 29305, 6871
NEW_ENTERPRISE = 64_999
VARIABLE = 0xFFFF
LENGTHS = {
    "unsigned8": 1, "unsigned16": 2, "unsigned32": 4, "unsigned64": 8, "unsigned256": 32, "signed8": 1,
    "signed16": 2, "signed32": 4, "signed64": 8, "float32": 4, "float64": 8, "boolean": 1,
    "macAddress": 6, "ipv4Address": 4, "ipv6Address": 16, "dateTimeSeconds": 4,
    "dateTimeMilliseconds": 8, "dateTimeMicroseconds": 8, "dateTimeNanoseconds": 8,
}  # fmt: skip
# Source and destination, ports, protocol, bytes, packets.
FLOW = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4))
FLOW_RECORD = words32(0x0A000001, 0x0A000002) + words(1024, 443) + b"\x06" + words32(900, 3)
FLOW_TEMPLATE = a_set(TEMPLATE_SET, template(256, *FLOW))
FLOW_DATA = a_set(256, FLOW_RECORD * 2)


def messages() -> dict[str, list[bytes]]:
    """All of them."""
    return {
        "every-element": every_element(),
        "odd-lengths": odd_lengths(),
        "applications": applications(),
        "sections": sections(),
        "statistics": statistics(),
        "told-types": told_types(),
        "rates": rates(),
        "samplers": samplers(),
        "uptimes": uptimes(),
        "checksums": checksums(),
        "reverse": reverse(),
        "refused-templates": refused_templates(),
        "changed-templates": changed_templates(),
        "many-templates": many_templates(),
        "many-domains": many_domains(),
        "numbered": numbered(),
        "late-templates": late_templates(),
        "broken-sets": broken_sets(),
        "v9": version_9(),
    }


def every_element() -> list[bytes]:
    """Each element of IANA's registry in records of small numbers and of all bits."""
    with IANA.open() as file:
        known = [(int(row["id"]), LENGTHS.get(row["type"], VARIABLE)) for row in csv.DictReader(file)]
    made = []
    for place in range(0, len(known), 60):
        fields = known[place : place + 60]
        small = b"".join(
            b"\x07\x03" + words(7, 2, 80) if size == VARIABLE else bytes(size - 1) + b"\2"
            for _, size in fields
        )
        large = b"".join(b"\x04eth0" if size == VARIABLE else b"\xff" * size for _, size in fields)
        number = 256 + place
        made.append(ipfix(a_set(TEMPLATE_SET, template(number, *fields)), a_set(number, small + large)))
    return made


def odd_lengths() -> list[bytes]:
    """Values in fewer and in more bytes than their types have, and in lengths that mean nothing."""
    # Octets, a number with a sign, a float, a boolean, each way to tell a time, an address, a label, a text.
    numbers = (1, 434, 320, 276, 150, 152, 154, 156, 8, 70, 82, 326)
    made = []
    for place, size in enumerate((1, 3, 4, 5, 8, 9, 16, 40)):
        fields = [(number, size) for number in numbers]
        values = b"".join(bytes(size - 1) + bytes([value]) for value in (1, 2, 3, 0) for _ in numbers)
        signs = b"".join(b"\xff" * size for _ in numbers)
        body = a_set(TEMPLATE_SET, template(256 + place, *fields)) + a_set(256 + place, values + signs)
        made.append(ipfix(body))
    return made


def applications() -> list[bytes]:
    """An application of each kind in flows, in options and with its name."""
    flow = a_set(TEMPLATE_SET, template(256, (8, 4), (95, VARIABLE), (96, VARIABLE), (70, 3), (71, 3)))
    ids = (
        b"\x01\x06",
        b"\x03\x01\xbb",
        b"\x0d\x00\x01\x35",
        b"\x14" + words32(9, 35),
        b"\x14" + words32(32473, 1),
        b"",
        b"\0\0\0\0",
    )
    records = b"".join(
        words32(0x0A000001) + bytes([len(one)]) + one + b"\3web" + b"\0\x10\0\0\x20\1" for one in ids
    )
    options = a_set(OPTIONS_TEMPLATE_SET, template(257, (95, 4), (96, 24), (94, 55), scopes=1))
    names = b"".join(
        one.rjust(4, b"\3")[:4] + b"web".ljust(24, b"\0") + b"what it is".ljust(55, b"\0") for one in ids
    )
    return [ipfix(flow, a_set(256, records)), ipfix(options, a_set(257, names))]


def sections() -> list[bytes]:
    """The first bytes of packets (PSAMP), each as every kind of section."""
    fields = (
        (315, VARIABLE),
        (316, VARIABLE),
        (317, VARIABLE),
        (313, VARIABLE),
        (314, VARIABLE),
        (312, 2),
        (4, 1),
    )
    frames = [content[:120] for name, content in packets().items() if not name.startswith("pcap")]
    made = []
    for number, (_, kind) in zip(range(256, 261), ((one, one) for one in range(5)), strict=True):
        told = (fields[kind], *fields[5:], (408, 2), (409, 2))
        records = (
            b"".join(
                bytes([len(frame)]) + frame + words(200) + b"\x06" + words(ethernet, offset)
                for frame in frames
                for ethernet, offset in ((1, 0),)
            )
            + bytes([4])
            + frames[0][:4]
            + words(0)
            + b"\x11"
            + words(2, 9)
        )
        made.append(ipfix(a_set(TEMPLATE_SET, template(number, *told)), a_set(number, records)))
    return made


def statistics() -> list[bytes]:
    """Totals that an exporter counts of itself: they grow, fall, and are of more parts than there is room."""
    fields = ((144, 4), (160, 8), (40, 8), (41, 8), (42, 8), (166, 8), (167, 8), (135, 4), (164, 4))
    options = a_set(OPTIONS_TEMPLATE_SET, template(257, *fields, scopes=1))

    def told(part: int, total: int) -> bytes:
        return words32(part) + struct.pack(
            ">6QII", NOW // 1_000_000, *(total,) * 5, *(min(total, 0xFFFFFFFF),) * 2
        )

    totals = b"".join(told(1, total) for total in (5, 9, 9, 2, 2**64 - 1, 7))
    many = b"".join(told(part, 1) for part in range(70))
    named = a_set(OPTIONS_TEMPLATE_SET, template(258, (42, 8), (166, 2), scopes=1)) + a_set(
        258, bytes(9) + b"\3"
    )
    return [ipfix(options, a_set(257, totals)), ipfix(a_set(257, many[: 60 * 70])), ipfix(named)]


def told_types() -> list[bytes]:
    """Elements that an exporter names (RFC 5610), used before and after, and names that it may not give."""
    options = a_set(
        OPTIONS_TEMPLATE_SET,
        template(
            257,
            (346, 4),
            (303, 2),
            (339, 1),
            (344, 1),
            (345, 2),
            (342, 8),
            (343, 8),
            (341, VARIABLE),
            scopes=2,
        ),
    )

    def named(enterprise: int, number: int, data_type: int, name: bytes) -> bytes:
        body = words32(enterprise) + words(number) + bytes([data_type, 1]) + words(0) + bytes(16)
        return body + bytes([len(name)]) + name

    names = (
        named(NEW_ENTERPRISE, 1, 3, b"acmeBytes")
        + named(NEW_ENTERPRISE, 0x8002, 13, b"acmeName\0")
        + named(NEW_ENTERPRISE, 3, 99, b"acmeNothing")
        + named(NEW_ENTERPRISE, 4, 3, b"octetDeltaCount")
        + named(NEW_ENTERPRISE, 5, 3, b"with\nline")
        + named(NEW_ENTERPRISE, 6, 3, b"")
        + named(0, 1, 3, b"notMine")
    )
    own = a_set(TEMPLATE_SET, template(258, (8, 4), *((number, 4, NEW_ENTERPRISE) for number in range(1, 6))))
    data = a_set(258, words32(0x0A000001, 1, 2, 3, 4, 5))
    return [
        ipfix(own, data),
        ipfix(options, a_set(257, names)),
        ipfix(data),
        ipfix(a_set(257, names), own, data),
    ]


def rates() -> list[bytes]:
    """Each way to say one packet in how many is taken, in options and in the records themselves."""
    ten, thousand = words32(10), words32(1000)
    ways = [
        (((34, 4),), thousand),
        (((305, 4), (306, 4)), ten + thousand),
        (((307, 4), (308, 4)), ten + thousand),
        (((309, 4), (310, 4)), ten + thousand),
        (((311, 8),), struct.pack(">d", 0.004)),
        (((311, 4),), struct.pack(">f", 3.5)),
        (((34, 4), (10, 4)), thousand + words32(3)),
        (((34, 4), (61, 1)), thousand + b"\1"),
    ]
    made = []
    for place, (fields, values) in enumerate(ways):
        options = a_set(OPTIONS_TEMPLATE_SET, template(257, (149, 4), *fields, scopes=1))
        flow = a_set(TEMPLATE_SET, template(258, *FLOW, *fields))
        own = a_set(258, FLOW_RECORD + values)
        told = options + a_set(257, words32(place) + values)
        made.append(ipfix(flow, own, FLOW_TEMPLATE, FLOW_DATA, told, FLOW_DATA, domain=place % 3))
    return made


def samplers() -> list[bytes]:
    """A table of samplers, and flows that name one that is in it, none, and one that is not."""
    table = a_set(OPTIONS_TEMPLATE_SET, template(257, (302, 8), (305, 4), scopes=1))
    rows = b"".join(struct.pack(">QI", sampler, 100 * sampler) for sampler in range(1, 4))
    flow = a_set(TEMPLATE_SET, template(258, *FLOW, (302, 8)))
    flows = b"".join(FLOW_RECORD + struct.pack(">Q", sampler) for sampler in (1, 0, 9))
    old = words(1, 30, 259, 4, 12, 1, 4, 48, 1, 49, 1, 50, 4) + bytes(2)
    return [
        ipfix(flow, a_set(258, flows)),
        ipfix(table, a_set(257, rows)),
        ipfix(a_set(258, flows)),
        netflow9(old, a_set(259, words32(1) + b"\1\2" + words32(512))),
        netflow9(words(0, 16, 260, 2, 8, 4, 48, 1), a_set(260, words32(1) + b"\1" + words32(2) + b"\7")),
    ]


def uptimes() -> list[bytes]:
    """Times since boot, since the header, and from 1900, and what says when that was."""
    since_boot = a_set(TEMPLATE_SET, template(258, *FLOW, (22, 4), (21, 4)))
    flows = b"".join(
        FLOW_RECORD + words32(start, end) for start, end in ((1000, 2000), (0xFFFFFF00, 5), (0, 0))
    )
    boot = a_set(OPTIONS_TEMPLATE_SET, template(257, (144, 4), (160, 8), scopes=1))
    booted = a_set(257, words32(1) + struct.pack(">Q", NOW // 1_000_000 - 3_600_000))
    in_record = a_set(TEMPLATE_SET, template(259, *FLOW, (160, 8), (22, 4), (21, 4)))
    record = FLOW_RECORD + struct.pack(">Q", NOW // 1_000_000 - 9_000) + words32(1000, 2000)
    others = [(158, 159, 4), (150, 151, 4), (152, 153, 8), (154, 155, 8), (156, 157, 8), (156, 157, 4)]
    made = [
        ipfix(since_boot, a_set(258, flows)),
        ipfix(boot, booted, a_set(258, flows)),
        ipfix(in_record, a_set(259, record)),
    ]
    for place, (start, end, size) in enumerate(others):
        number = 260 + place
        values = b"".join(value.to_bytes(size, "big") for value in (NOW // SECOND, NOW // SECOND + 1))
        records = FLOW_RECORD + values + FLOW_RECORD + bytes(2 * size) + FLOW_RECORD + b"\xff" * 2 * size
        made.append(
            ipfix(
                a_set(TEMPLATE_SET, template(number, *FLOW, (start, size), (end, size))),
                a_set(number, records),
            )
        )
    return made


def checksums() -> list[bytes]:
    """Messages that bring their own sum (RFC 5655): right, wrong, and not there."""
    options = a_set(OPTIONS_TEMPLATE_SET, template(257, (263, 1), (262, 16), scopes=1))
    without = ipfix(options, FLOW_TEMPLATE, a_set(257, b"\1" + bytes(16)), FLOW_DATA)
    place = without.index(a_set(257, b"\1" + bytes(16))) + 5
    right = without[:place] + hashlib.md5(without, usedforsecurity=False).digest() + without[place + 16 :]
    return [right, without, ipfix(words(257, 4))]


def reverse() -> list[bytes]:
    """Both directions in one record (RFC 5103), a vendor's own way too, and what has no other direction."""
    fields = (
        (1, 8, REVERSE),
        (2, 8, REVERSE),
        (6, 2, REVERSE),
        (130, 4, REVERSE),
        (0x4000 | 14, 2, CERT),
        (14, 2, CERT),
        (15, 2, CERT),
    )
    values = struct.pack(">QQHIHHH", 1500, 3, 0x12, 1, 2, 0x1B, 0x10)
    both = template(258, *FLOW, *fields)
    empty = FLOW_RECORD + bytes(len(values))
    return [ipfix(a_set(TEMPLATE_SET, both), a_set(258, FLOW_RECORD + values + empty))]


def refused_templates() -> list[bytes]:
    """Templates without bytes, of reserved numbers, of more fields than there may be and than there are."""
    bad = [
        template(256, (8, 0)),
        template(7, *FLOW),
        words(256, 2000, 1, 4),
        words(300, 3, 9, 1, 4, 2, 4, 4, 1),
        template(256, *(((1, 1),) * 1025)),
    ]
    made = [ipfix(a_set(TEMPLATE_SET, one)) for one in bad]
    made += [ipfix(a_set(OPTIONS_TEMPLATE_SET, words(257, 2, scopes, 1, 4, 2, 4))) for scopes in (0, 3)]
    return [ipfix(FLOW_TEMPLATE), *made, ipfix(FLOW_DATA), ipfix(FLOW_TEMPLATE, FLOW_DATA)]


def changed_templates() -> list[bytes]:
    """Templates told again, changed, taken back one by one and all at once, and never known."""
    other = a_set(TEMPLATE_SET, template(256, *FLOW[::-1]))
    withdrawals = [a_set(TEMPLATE_SET, words(number, 0)) for number in (256, 999, 5, 2)]
    both = a_set(OPTIONS_TEMPLATE_SET, words(3, 0))
    return [
        ipfix(FLOW_TEMPLATE, FLOW_DATA),
        ipfix(FLOW_TEMPLATE, sequence=2),
        ipfix(other, FLOW_DATA, sequence=2),
        *(ipfix(one, FLOW_DATA) for one in withdrawals),
        ipfix(both, FLOW_TEMPLATE, FLOW_DATA),
    ]


def many_templates() -> list[bytes]:
    """More templates, and more bytes of them, than a session and a decoder have room for."""
    fields = [(number, 4) for number in range(1, 60)]
    sets = [a_set(TEMPLATE_SET, template(256 + place, *FLOW, *fields[place:])) for place in range(24)]
    small = [a_set(TEMPLATE_SET, template(400 + place, (8, 4), (1, 4))) for place in range(24)]
    made = [ipfix(one, domain=1) for one in sets] + [ipfix(one, domain=4) for one in small]
    made += [ipfix(one, domain=domain) for domain in (2, 3) for one in sets[:12]]
    return [*made, ipfix(FLOW_DATA), ipfix(FLOW_TEMPLATE, FLOW_DATA)]


def numbered() -> list[bytes]:
    """Messages that are lost, late and of an exporter that began anew."""
    numbers = (0, 2, 9, 4, 6, 1_000_000_000, 1_000_000_002)
    return [ipfix(FLOW_TEMPLATE, FLOW_DATA, sequence=number) for number in numbers]


def many_domains() -> list[bytes]:
    """More sessions than there is room for, some heard often and some never understood."""
    often = [ipfix(FLOW_TEMPLATE, FLOW_DATA, domain=1) for _ in range(4)]
    once = [ipfix(FLOW_TEMPLATE, FLOW_DATA, domain=domain) for domain in range(10, 16)]
    never = [ipfix(a_set(300, bytes(20)), domain=domain) for domain in range(20, 30)]
    return often + once + never + often[:1]


def late_templates() -> list[bytes]:
    """Data that waits for its template, and more of it than may wait."""
    early = [ipfix(FLOW_DATA, domain=domain) for domain in (1, 2)]
    too_much = [ipfix(a_set(299, bytes(1000)), domain=3) for _ in range(10)]
    lists = a_set(TEMPLATE_SET, template(300, (8, 4), (291, VARIABLE)))
    list_data = a_set(300, words32(1) + b"\x07\x03" + words(7, 2, 80))
    return [*early, ipfix(list_data), ipfix(FLOW_TEMPLATE, lists), *too_much, ipfix(FLOW_TEMPLATE, domain=2)]


def broken_sets() -> list[bytes]:
    """Sets of reserved numbers and impossible lengths, cut records, filler, messages of another length."""
    whole = ipfix(FLOW_TEMPLATE, FLOW_DATA)
    texts = a_set(TEMPLATE_SET, template(258, (82, VARIABLE), (83, VARIABLE)))
    return [
        ipfix(words(5, 8, 1, 2), FLOW_DATA),
        ipfix(words(256, 3)),
        ipfix(words(256, 4000)),
        ipfix(FLOW_TEMPLATE, FLOW_DATA, bytes(12)),
        ipfix(FLOW_TEMPLATE, b"\0\1\2"),
        ipfix(texts, a_set(258, b"\3eth\xff\0\2ab"), words(258, 10) + b"\2eth\xff\1"),
        ipfix(texts, words(258, 4), words(258, 6, 0x00FF)),
        ipfix(words(0, 8 + 4 * len(FLOW)) + template(256, *FLOW), FLOW_DATA),
        whole[:2] + words(8) + whole[4:],
        whole[:2] + words(len(whole) + 40) + whole[4:],
        whole + b"behind",
        whole[:9],
        words(11, 3) + whole[4:],
    ]


def version_9() -> list[bytes]:
    """What NetFlow v9 does its own way: scopes, names, vendors' types, counters of itself, and boots."""
    fields = words(33002, 2, 40005, 1, 233, 1, 136, 1, 225, 4, 226, 4, 82, 8, 61, 1, 89, 1, 6, 1)
    flow = words(0, 8 + len(fields), 256, len(fields) // 4) + fields
    record = (
        words(1)
        + bytes([1, 2, 1])
        + words32(0x0A000001, 0x0A000002)
        + b"eth0".ljust(8, b"\0")
        + bytes([1, 0x80, 2])
    )
    scopes = words(1, 30, 257, 8, 12, 1, 4, 2, 4, 42, 4, 41, 4, 34, 4) + bytes(2)
    told = a_set(257, words32(1, 3, 10, 2, 100) + words32(1, 0, 15, 2, 100))
    return [
        netflow9(flow, a_set(256, record)),
        netflow9(scopes, told),
        netflow9(scopes, told, uptime=5),
        netflow9(words(1, 14, 258, 0, 4, 42, 4), a_set(258, words32(7))),
        netflow9(words(0, 8, 300, 0), a_set(300, bytes(8))),
        netflow9(words(0, 4), words(7, 8, 0, 0), uptime=0),
    ]
