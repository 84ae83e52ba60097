"""A router that samples in several ways and changes its mind, as IPFIX datagrams packed by hand.

Its flows name a sampler, an interface and a direction. Flows come first, then what it announces, then flows,
then a change, then flows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from ipaddress import ip_address
from random import Random

SECOND = 1_000_000_000
FLOWS_EACH_TIME = 25

_FIELDS = (
    (152, 8), (153, 8), (8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 2), (2, 8), (1, 8), (10, 4), (14, 4),
    (61, 1), (302, 8),
)  # fmt: skip
_RECORD = struct.Struct(">QQ4s4sHHBHQQIIBQ")
# Template: scopes first, then the rest.
_OF_SAMPLER, _OF_INTERFACE, _OF_DIRECTION, _OF_DOMAIN = range(300, 304)
_OPTIONS = {
    _OF_SAMPLER: (((302, 8),), ((304, 2), (305, 4), (306, 4)), ">QHII"),
    _OF_INTERFACE: (((10, 4),), ((309, 4), (310, 4)), ">III"),
    _OF_DIRECTION: (((10, 4), (61, 1)), ((34, 4),), ">IBI"),
    _OF_DOMAIN: (((149, 4),), ((311, 8),), ">Id"),
}


def sampled_exports(random: Random, noon: int, domain: int) -> Iterator[tuple[bytes, int]]:
    """Datagrams, each with the instant it arrives at, in nanoseconds since 1970."""
    first = [
        _announced(_OF_INTERFACE, 3, 2, 100),
        _announced(_OF_DIRECTION, 2, 1, 30),
        _announced(_OF_SAMPLER, 1, 1, 1, 499),
        _announced(_OF_SAMPLER, 2, 3, 10, 15),
    ]
    late = [_announced(_OF_INTERFACE, 3, 1, 4), _announced(_OF_SAMPLER, 1, 1, 1, 99)]
    if domain == 9:
        first.append(_announced(_OF_DOMAIN, domain, 0.001))
    sequence = 0
    for second, sets in enumerate([[_template()], [_options_templates(), *first], late]):
        flows = b"".join(_flow(random, noon) for _ in range(FLOWS_EACH_TIME))
        arrival = noon + (120 + second) * SECOND
        yield _message([*sets, _set(256, flows)], arrival, sequence, domain), arrival
        sequence += FLOWS_EACH_TIME + (len(sets) - 1 if sets is not late else len(late))


def _message(sets: list[bytes], arrival: int, sequence: int, domain: int) -> bytes:
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), arrival // SECOND, sequence, domain) + body


def _set(number: int, body: bytes) -> bytes:
    return struct.pack(">HH", number, 4 + len(body)) + body


def _specifiers(fields: tuple[tuple[int, int], ...]) -> bytes:
    return b"".join(struct.pack(">HH", *field) for field in fields)


def _template() -> bytes:
    return _set(2, struct.pack(">HH", 256, len(_FIELDS)) + _specifiers(_FIELDS))


def _options_templates() -> bytes:
    return _set(
        3,
        b"".join(
            struct.pack(">HHH", number, len(scopes) + len(others), len(scopes)) + _specifiers(scopes + others)
            for number, (scopes, others, _) in _OPTIONS.items()
        ),
    )


def _announced(template: int, *values: float) -> bytes:
    return _set(template, struct.pack(_OPTIONS[template][2], *values))


def _flow(random: Random, noon: int) -> bytes:
    start = noon // 1_000_000 + random.randrange(60_000)
    packets = random.randrange(1, 50)
    return _RECORD.pack(
        start, start + random.randrange(60_000), ip_address(f"10.2.0.{random.randrange(1, 9)}").packed,
        ip_address(f"198.51.100.{random.randrange(1, 9)}").packed, random.randrange(1024, 65536), 443, 6, 27,
        packets, packets * random.randrange(40, 1500), random.randrange(1, 4), random.randrange(1, 4),
        random.choice((0, 1)), random.choice((0, 1, 2, 7)),
    )  # fmt: skip
