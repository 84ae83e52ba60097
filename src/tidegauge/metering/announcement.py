"""What a probe tells beside its flows, in options data: how it samples, its interfaces, what it missed.

Elements are IANA's. NetFlow v9 has other numbers for scopes, and older elements. NetFlow v5 has no options
data: there the header tells the sampling, and nothing the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tidegauge.metering.settings import MeterSettings

# Elements.
INGRESS_INTERFACE = 10
SAMPLING_INTERVAL, SAMPLING_ALGORITHM = 34, 35
INTERFACE_NAME = 82
OBSERVATION_DOMAIN = 149
IGNORED_PACKETS = 164
EXPORTED_OCTETS, EXPORTED_MESSAGES, EXPORTED_FLOWS = 40, 41, 42
EXPORTING_PROCESS = 144
NOT_SENT_FLOWS, NOT_SENT_PACKETS, NOT_SENT_OCTETS = 166, 167, 168
SELECTOR_ALGORITHM = 304
PACKET_INTERVAL, PACKET_SPACE = 305, 306
SAMPLING_SIZE, SAMPLING_POPULATION = 309, 310

# Selector algorithms of PSAMP (RFC 5477, section 8.2.1), and of NetFlow v9.
SYSTEMATIC_COUNT, RANDOM_N_OF_N = 1, 3
V9_DETERMINISTIC, V9_RANDOM = b"\x01", b"\x02"

# Scopes of NetFlow v9 (RFC 3954, section 6.1).
V9_SYSTEM, V9_INTERFACE = 1, 2

NAME_BYTES = 16
"""Longest name of an interface on Linux."""


class Announcement(NamedTuple):
    """What is said of a scope: elements by number, values in network byte order."""

    scopes: list[tuple[int, bytes]]
    fields: list[tuple[int, bytes]]


def sampling(protocol_version: str, settings: MeterSettings, domain: int = 0) -> Announcement:
    """One packet in so many is looked at."""
    interval, at_random = settings.sampling_interval, settings.samples_at_random
    if protocol_version == "netflow9":
        algorithm = V9_RANDOM if at_random else V9_DETERMINISTIC
        return Announcement(
            [(V9_SYSTEM, _number(domain))],
            [(SAMPLING_INTERVAL, _number(interval)), (SAMPLING_ALGORITHM, algorithm)],
        )
    if at_random:
        algorithm = RANDOM_N_OF_N.to_bytes(2)
        rate = [(SAMPLING_SIZE, _number(1)), (SAMPLING_POPULATION, _number(interval))]
    else:
        algorithm = SYSTEMATIC_COUNT.to_bytes(2)
        rate = [(PACKET_INTERVAL, _number(1)), (PACKET_SPACE, _number(interval - 1))]
    return Announcement([(OBSERVATION_DOMAIN, _number(domain))], [(SELECTOR_ALGORITHM, algorithm), *rate])


def interface(protocol_version: str, index: int, name: str) -> Announcement:
    """Say the name of an interface."""
    scope = V9_INTERFACE if protocol_version == "netflow9" else INGRESS_INTERFACE
    text = name.encode()[:NAME_BYTES].ljust(NAME_BYTES, b"\0")
    return Announcement([(scope, _number(index))], [(INTERFACE_NAME, text)])


def ignored(protocol_version: str, domain: int, packets: int) -> Announcement:
    """So many packets were not looked at, because they came too fast (RFC 7011, section 4.2)."""
    scope = V9_SYSTEM if protocol_version == "netflow9" else OBSERVATION_DOMAIN
    return Announcement([(scope, _number(domain))], [(IGNORED_PACKETS, packets.to_bytes(8))])


class Counted(NamedTuple):
    """Flows, and the packets and bytes in them."""

    flows: int = 0
    packets: int = 0
    octets: int = 0


def exported(protocol_version: str, domain: int, messages: int, octets: int, flows: int) -> Announcement:
    """So much was exported so far, this message not among it (RFC 7011, section 4.1)."""
    scope = V9_SYSTEM if protocol_version == "netflow9" else OBSERVATION_DOMAIN
    counts = ((EXPORTED_MESSAGES, messages), (EXPORTED_FLOWS, flows), (EXPORTED_OCTETS, octets))
    return Announcement(
        [(scope, _number(domain))], [(element, count.to_bytes(8)) for element, count in counts]
    )


def not_sent(counted: Counted, process: int = 0) -> Announcement:
    """So much was metered and never sent (RFC 7011, section 4.3); only who keeps flows waiting can know."""
    counts = zip((NOT_SENT_FLOWS, NOT_SENT_PACKETS, NOT_SENT_OCTETS), counted, strict=True)
    scope = (EXPORTING_PROCESS, _number(process))
    return Announcement([scope], [(element, count.to_bytes(8)) for element, count in counts])


def _number(value: int) -> bytes:
    return value.to_bytes(4)
