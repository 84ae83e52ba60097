"""A small lake with something of everything, and every installed question about it in several forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.analysis.conftest import ledger_row
from tests.analysis.test_clock_sightings import headers, rows_of
from tests.analysis.test_interfaces import told
from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.clock_sightings import UPTIME
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.binding import Binding, Kind
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.lab.header_clock import HeaderClock
from tidegauge.query.lookups import RELATIONS
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.interface_samples import append as append_samples
from tidegauge.store.known_ranges import replace_ranges
from tidegauge.store.lake import Lake

Flow = dict[str, Any]

HOUR = 3600 * SECOND
NOW = NOON + HOUR
SINCE, UNTIL = "2026-01-01T12:00:05Z", "2026-01-01T12:21:03.000000001Z"
RANGE: dict[str, Any] = {"since": SINCE, "until": UNTIL}
JOHN, MAIL, YOUTUBE, RESOLVER = "10.0.0.1", "192.0.2.25", "142.250.185.78", "2001:db8::53"
APPLICATIONS = (None, "13:512", "3:443", "skype")
SERVERS = (YOUTUBE, MAIL, RESOLVER, "198.51.100.7", "10.0.1.9")

METRICS = (
    "bytes", "packets", "flows", "bytes_up", "bytes_down", "bytes_estimate", "packets_estimate",
    "first_seen", "last_seen", "peak_bps", "p95_bps", "sessions", "seconds_in_use", "share",
    "cumulative_share", "distinct_dst_addr", "distinct_dst_port", "distinct_src_mac", "distinct_user",
)  # fmt: skip
NAMED = (
    "user", "machine", "team", "src_user", "dst_user", "site", "service", "category", "src_country",
    "dst_as_name", "duplicate", "addr", "port", "src_addr/24/48", "icmp_type", "src_mac", "bps",
    "application", "application_category",
)  # fmt: skip

QUESTIONS: dict[str, tuple[Query, ...]] = {
    "alerts": (Query(), Query(filter=f"addr {JOHN}", **RANGE)),
    "billing": (
        Query(**RANGE),
        Query(by=("user",), metrics=("p50",), order="in_bps:asc", **RANGE),
        Query(by=("interface", "protocol"), top=3, **RANGE),
    ),
    "clocks": (Query(), Query(**RANGE)),
    "conversations": (Query(), Query(by=("client/24", "server", "dst_user"), order="tcp_rtt", **RANGE)),
    "exchanges": (Query(),),
    "exporters": (Query(), Query(**RANGE)),
    "flows": (
        Query(top=0),
        Query(top=7, order="bytes", **RANGE),
        Query(top=3, order="src_addr", filter="not user = null"),
        Query(top=5, order="src_mac:desc", direction="up", duplicates="all"),
    ),
    "ledger": (Query(), Query(**RANGE)),
    "links": (
        Query(),
        Query(**RANGE),
        Query(order="in_peak_bps:asc", filter="proto tcp", **RANGE),
        Query(filter="exporter 192.0.2.1 and interface 1-2", since=SINCE, until="2026-01-01T12:45Z"),
    ),
    "matrix": (
        Query(by=("user", "service")),
        Query(by=("src_addr/24", "dst_port"), top=2, metrics=("bytes", "flows"), **RANGE),
    ),
    "profile": (Query(), Query(filter=f"addr {JOHN}", **RANGE), Query(filter="user John", top=3)),
    "series": (
        Query(step="7s", by=("user",), top=2, **RANGE),
        Query(step="5m", compare="10m", fill=True, **RANGE),
        Query(step="6h", time_zone="Europe/Berlin", by=("protocol",), since="2025-03-01", until="2026-01-02"),
        Query(step="1m", by=("port",), having="bytes_estimate > 1k",
              metrics=("bytes_estimate", "sessions", "distinct_src_addr")),
    ),
    "sessions": (
        Query(),
        Query(by=("user", "session"), **RANGE),
        Query(by=("addr",), order="seconds:asc", **RANGE),
    ),
    "time_devices": (Query(),),
    "timeline": (
        Query(filter=f"addr {JOHN}"),
        Query(filter=f"addr {JOHN}", order="time:desc", top=9, **RANGE),
        Query(filter=f"addr {JOHN}", having="kind = dns or kind = nat"),
    ),
    "top": (
        *(Query(by=(name,), top=0, order=name.partition("/")[0]) for name in NAMED),
        Query(by=("user",), metrics=METRICS),
        Query(by=("protocol",), metrics=METRICS, step="11s", top=2, **RANGE),
        Query(by=("dst_addr", "dst_port"), compare="10m", metrics=("bytes", "flows", "distinct_src_addr"),
              **RANGE),
        Query(by=("src_addr",), compare="previous", having="bytes > 1k and not bytes_before = null", **RANGE),
        Query(by=("exporter", "observation_domain"), metrics=("packets_estimate", "bytes_estimate")),
        Query(by=("dst_port",), direction="down", having="flows >= 2 and last_seen > 2026-01-01T12:00:30Z",
              metrics=("flows", "last_seen")),
        Query(by=("src_addr/16",), having="src_addr = 10.0.0.0/8", order="src_addr:desc", top=3),
        Query(by=("icmp_type", "icmp_code"), filter="proto icmp or proto icmp6"),
        Query(by=("user",), filter="duplicate = 1 or site ~ YOU", duplicates="all"),
    ),
}  # fmt: skip
"""By the name of the question."""


def make(path: Path) -> Lake:
    """The lake: three observation points of one busy half hour, with names, losses and interfaces."""
    random = Random(7)
    lake = make_lake(path, [*_seen(random), *ODD], LEDGER)
    add_segment(lake, "options", [
        told({"interface": "1"}, interfaceName="Gi0", interfaceDescription="LAN"),
        told({"ingressInterface": "2"}, interfaceName="Gi1"),
        told({"applicationId": "13:512"}, applicationName="zoom", applicationCategoryName="meetings"),
        told({"applicationId": "13:512"}, NOON + 700 * SECOND, applicationName="zoom-rooms"),
        *_announced(),
    ])  # fmt: skip
    add_segment(lake, "sightings", list(_sightings()))
    (lake.path / "sampling.toml").write_text(
        '["at the border"]\nexporter = "192.0.2.1"\ninterface = 2\ndirection = "in"\ninterval = 3\n'
    )
    append_samples(lake, _counted(), NOON)
    (lake.path / "links.toml").write_text(
        '[Internet]\nexporter = "192.0.2.1"\ninterface = 2\ncapacity = "2k"\n'
    )
    append(lake, _bindings(), NOON)
    places = [
        {
            "first": packed(f"{first}"),
            "last": packed(last),
            "as_number": number,
            "as_name": name,
            "country": country,
        }
        for first, last, number, name, country in (
            ("142.250.0.0", "142.251.255.255", 15169, "GOOGLE", "US"),
            ("198.51.100.0", "198.51.100.255", 64500, "Größe AG", "DE"),
            ("2001:db8::", "2001:db8::ffff", None, None, "FR"),
        )
    ]
    replace_ranges(lake, "places", dict(each.split() for each in RELATIONS["places"].split(", ")), places)
    return lake


def _sightings() -> Iterator[Row]:
    """What headers showed of two routers' clocks, one of which was set."""
    fast = HeaderClock(origin=NOON, offset=300 * SECOND)
    stamps = [*headers(fast, 300), *headers(HeaderClock(origin=NOON + 300 * SECOND), 900)]
    yield from rows_of(stamps, exporter="192.0.2.1")
    yield from rows_of(headers(fast, 60), exporter="fd00::3", version="netflow9")
    booted = HeaderClock(origin=NOON, offset=-NOON + 99 * SECOND)
    yield from rows_of(headers(booted, 60), exporter="fd00::3", version="netflow9", clock=UPTIME)


def _announced() -> list[Row]:
    """How the third router samples, as one of its samplers changes."""
    return [
        {
            **told({"samplerId": sampler}, NOON + minutes * 60 * SECOND, samplerRandomInterval=interval),
            "exporter": "fd00::3",
            "observation_domain": 3,
        }
        for sampler, minutes, interval in (("1", 1, "20"), ("2", 1, "50"), ("1", 12, "5"))
    ]


def _counted() -> list[InterfaceSample]:
    """What interfaces counted: one in 32 bits, one that began anew, one that no flow names."""
    counting_since = {2: NOON + 500 * SECOND}
    return [
        InterfaceSample(
            received=NOON + minute * 60 * SECOND + interface, exporter=packed("192.0.2.1"),
            interface=interface, source="sflow5" if minute % 7 == 3 else "snmp",
            counter_bits=32 if interface == 1 else 64,
            counting_since=counting_since.get(interface, NOON - SECOND) if minute > 8 else NOON - SECOND,
            octets_in=(2**32 - 500_000 + minute * 90_000) % 2**32, octets_out=minute * 10**6,
            packets_in=minute * 200, packets_out=minute * 900, group_packets_in=minute,
            group_packets_out=None if interface == 7 else 0, speed=10**7, name=f"eth{interface}",
        )
        for interface in (1, 2, 7)
        for minute in range(28)
    ]  # fmt: skip


def packed(text: str) -> bytes:
    """An address as 16 bytes."""
    return address_from_text(text).to_bytes(16, "big")


def _seen(random: Random) -> list[Flow]:
    """What three routers report: the second a sample of what the first saw, and some of it translated, the
    third both directions.
    """
    flows: list[Flow] = []
    for number in range(70):
        flow = _drawn(random, number)
        named = {"application": APPLICATIONS[number % 4]}
        public = _public(number) if number % 7 == 0 else {}
        other_side = {f"nat_{name}": value for name, value in public.items()}
        flows.append(flow | named | other_side | {"exporter": "192.0.2.1", "observation_domain": 1})
        if public:
            flows.append(flow | public | {"exporter": "192.0.2.2", "observation_domain": 8})
        if number % 3 == 0:
            flows.append(flow | {
                "exporter": "192.0.2.2", "observation_domain": 7, "sampling_interval": 10,
                "packets": 1 + flow["packets"] // 10, "bytes": 40 + flow["bytes"] // 10,
                "start": flow["start"] + 3, "direction": number % 2,
            })  # fmt: skip
        if number % 5 == 0:
            flows.append(flow | {
                "exporter": "fd00::3", "observation_domain": 3, "application": APPLICATIONS[number % 4],
                "other": [{"element": "samplerId", "value": str(number % 3), "raw": b""}],
                "reverse_packets": random.randrange(1, 9), "reverse_tcp_flags": 18,
                "reverse_bytes": random.randrange(40, 9000), "src_port": (flow["src_port"] or 0) ^ 1,
            })  # fmt: skip
    return flows


def _public(number: int) -> Flow:
    """The near end of a flow outside of a translation."""
    near = "src" if number % 2 else "dst"
    return {f"{near}_addr": "203.0.113.17", f"{near}_port": 40_000 + number}


def _drawn(random: Random, number: int) -> Flow:
    protocol = random.choice((6, 6, 6, 17, 17, 1, 58))
    start = NOON + random.randrange(1_700_000) * 1_000_000 + number
    near, far = f"10.0.{number % 2}.{1 + number % 4}", random.choice(SERVERS)
    ports = (
        (None, 771)
        if protocol in (1, 58)
        else (random.randrange(1024, 65536), random.choice((443, 53, 25, 80)))
    )
    packets = 1 + int(random.paretovariate(0.7)) % 10**6
    flow: Flow = {
        "received": start + 60 * SECOND, "start": start,
        "end": start + random.choice((0, 2, 90 * SECOND, 400 * SECOND + 7)), "protocol_version": "ipfix",
        "src_addr": near, "dst_addr": far, "src_port": ports[0], "dst_port": ports[1], "protocol": protocol,
        "tcp_flags": random.choice((2, 18, 27)) if protocol == 6 else None, "tos": random.choice((0, 184)),
        "packets": packets, "bytes": packets * random.randrange(40, 1500),
        "in_interface": 1, "out_interface": 2,
        "src_mac": bytes((0, 27, 68, 17, 58, number % 3)), "src_as": 64512 if number % 2 else None,
        "tcp_rtt": random.randrange(-5, 90_000_000) if protocol == 6 else None,
        "retransmits": number % 4 if protocol == 6 else None,
        "late_fills": number % 3 if protocol == 6 else None, "vlan": 10 if number % 3 else None,
    }  # fmt: skip
    return flow if number % 2 else _answer(flow)


def _answer(flow: Flow) -> Flow:
    """The other direction of an exchange, a few milliseconds later."""
    swapped = {f"{side}_{what}": flow[f"{other}_{what}"]
               for side, other in (("src", "dst"), ("dst", "src") ) for what in ("addr", "port")}  # fmt: skip
    return flow | swapped | {"in_interface": 2, "out_interface": 1, "start": flow["start"] + 9_000_001,
                             "end": flow["end"] + 10_000_000}  # fmt: skip


ODD: list[Flow] = [
    {"received": NOON},
    {"received": NOON, "start": NOON, "end": NOON, "bytes": 2**64 - 1, "packets": 2**64 - 1,
     "sampling_interval": 2**32 - 1, "src_addr": "::1"},
    {"received": NOON, "start": NOON + 20 * SECOND, "end": NOON, "bytes": 1, "packets": 1, "protocol": 58,
     "dst_port": 5, "other": [{"element": "icmpTypeCodeIPv6", "value": "32768", "raw": b"\x80\x00"}]},
    {"received": NOON, "start": 0, "end": NOON + 3 * SECOND, "bytes": 10**6, "packets": 9, "src_addr": JOHN,
     "dst_addr": MAIL, "src_port": 4000, "dst_port": 25, "protocol": 6, "user": "Zoë \\% 'x'"},
    {"received": NOON, "start": NOON + SECOND, "end": NOON + SECOND, "exporter": "192.0.2.1",
     "src_addr": JOHN, "dst_addr": YOUTUBE, "src_port": 5000, "dst_port": 443, "protocol": 6,
     "nat_src_addr": "203.0.113.17", "nat_src_port": 40001, "nat_event": 4},
]  # fmt: skip
LEDGER = [
    ledger_row(exporter="192.0.2.1", records=80, stored=80, datagrams=9),
    ledger_row(exporter="192.0.2.2", observation_domain=7, records=30, stored=24, datagrams=3,
               lost_sequence=5, clock_low=None),
    ledger_row(exporter="fd00::3", observation_domain=3, sampling_interval=0,
               minute=NOON + 60 * SECOND, last_received=NOON + 61 * SECOND, records=14,
               stored=14, datagrams=2, protocol_version="netflow9", lost_sequence=2),
    ledger_row(exporter=None, observation_domain=None, protocol_version=None, lost_kernel=3, clock_high=None),
]  # fmt: skip


def _bindings() -> list[Binding]:
    holders = [
        Binding(
            kind=kind, address=packed(address), name=name, since=since, until=until, source="dhcp",
            confidence=90,
        )
        for kind, address, name, since, until in (
            (Kind.PERSON, JOHN, "John", NOON - HOUR, NOON + 600 * SECOND),
            (Kind.PERSON, JOHN, "Anna", NOON + 600 * SECOND, None),
            (Kind.MACHINE, JOHN, "laptop", NOON - HOUR, None),
            (Kind.PERSON, "10.0.0.3", "Größe", NOON, NOON + HOUR),
            (Kind.HOST, MAIL, "mail.example.com", NOON - HOUR, None),
        )
    ]  # fmt: skip
    return holders + [
        Binding(
            kind=Kind.SITE, address=packed(YOUTUBE), client=packed(client), name="www.youtube.com",
            since=NOON - SECOND, until=NOON + 900 * SECOND, source="dnsmasq", confidence=90,
        )
        for client in (JOHN, "10.0.1.2")
    ]  # fmt: skip
