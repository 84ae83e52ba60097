"""A thousand questions drawn at random give, to the byte, what plain Python works out from ``decode``.

On DuckDB, and on ClickHouse's engine in this process.

Three exporters saw a busy minute: two the same flows, one of these a sample of one packet in ten; the third
a part of its own in IPv6. A fourth samples in several ways at once, and changes them. Real exports of
softflowd lie in the same lake, and somebody has stated how two of the exporters sample.
"""

from __future__ import annotations

from array import array
from importlib.metadata import version
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests.clickhouse import served
from tests.command import tidegauge
from tests.conformance.plain_answers import Asked, Flow, life, top
from tests.conformance.plain_sampling import Statement, flows_decoded
from tests.conformance.random_questions import question
from tests.conformance.sampled_exporter import sampled_exports
from tests.soak.record import record
from tests.surroundings import ROOT
from tidegauge.analysis import top as answering
from tidegauge.analysis.sampling_plan import FILE_NAME
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.lab.capture import CaptureFile
from tidegauge.metering.encoder import Batch, Encoder
from tidegauge.query.question import Query
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake

NOON = 1_767_268_800_000_000_000
SECOND = 10**9
REAL = [ROOT / f"tests/data/softflowd/{name}.pcap" for name in ("netflow9", "ipfix")]
STATED = [
    Statement("192.0.2.3", 7),
    Statement("192.0.2.3", 11, interface=2),
    Statement("192.0.2.4", 13, interface=1, direction=1),
]
ROUNDS, IN_A_ROUND = 20, 50
# The rest are for `make soak`: a thousand questions take minutes.
ROUNDS_EACH_TIME = 2
ON_CLICKHOUSE = 2


class Site(NamedTuple):
    """A lake, and the flows in it as ``decode`` tells them."""

    lake: Lake
    flows: list[Flow]
    extent: tuple[int, int]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("questions")
    captures = [folder / "made.pcap", folder / "sampled.pcap", *REAL]
    write_capture(captures[0], Random(1))
    write_sampled(captures[1], Random(2))
    tidegauge("import", "--lake", str(folder / "lake"), *map(str, captures))
    tables = [f"[{number}]\n{each.toml}" for number, each in enumerate(STATED)]
    (folder / "lake" / FILE_NAME).write_text("\n".join(tables))
    decoded = (tidegauge("decode", str(path)).splitlines() for path in captures)
    flows = [flow for lines in decoded for flow in flows_decoded(lines, STATED)]
    lives = [life(flow) for flow in flows]
    extent = (min(start for start, _ in lives), max(end for _, end in lives))
    return Site(Lake.open(folder / "lake"), flows, extent)


def write_capture(path: Path, random: Random) -> None:
    """What three exporters sent about one minute."""
    v4 = [_drawn(random, "10.1.0.", "198.51.100.") for _ in range(400)]
    v6 = [_drawn(random, "fd00::", "2001:db8::") for _ in range(150)]
    sampled = [flow | {"packets": max(1, flow["packets"] // 10), "bytes": flow["bytes"] // 10} for flow in v4]
    with CaptureFile(path) as capture:
        for exporter, flows, interval in (
            ("192.0.2.1", v4, 0),
            ("192.0.2.2", sampled, 10),
            ("192.0.2.3", [*v6, *v4[:50]], 0),
        ):
            encoder = Encoder("ipfix", observation_domain=7)
            for datagram in encoder.encode(Batch(_columns(flows, interval)), NOON + 120 * SECOND):
                capture.add(datagram, (exporter, 5000), ("127.0.0.1", 2055), NOON + 120 * SECOND)


def write_sampled(path: Path, random: Random) -> None:
    """What the fourth sent, of two observation domains."""
    with CaptureFile(path) as capture:
        for domain in (8, 9):
            for datagram, arrival in sampled_exports(random, NOON, domain):
                capture.add(datagram, ("192.0.2.4", 5000), ("127.0.0.1", 2055), arrival)


def _drawn(random: Random, near: str, far: str) -> Flow:
    start = NOON + random.randrange(60_000) * 1_000_000
    length = random.choice((0, 1_000_000, random.randrange(60_000) * 1_000_000))
    packets = int(random.paretovariate(1.1))
    ends = [f"{near}{random.randrange(1, 40)}", f"{far}{random.randrange(1, 90)}"]
    ports = [random.randrange(1024, 65536), random.choice((443, 53, 22, 25))]
    if random.random() < 0.5:
        ends.reverse()
        ports.reverse()
    return {
        "src_addr": ends[0], "dst_addr": ends[1], "src_port": ports[0], "dst_port": ports[1],
        "protocol": random.choice((6, 6, 17)), "tcp_flags": random.choice((2, 18, 27, 0)),
        "start": start, "end": start + length, "packets": packets,
        "bytes": packets * random.randrange(40, 1500), "in_interface": random.randrange(1, 4),
    }  # fmt: skip


def _columns(flows: list[Flow], interval: int) -> dict[str, bytes | array[int]]:
    codes = {
        "start": "q", "end": "q", "src_port": "H", "dst_port": "H", "tcp_flags": "H", "packets": "Q",
        "bytes": "Q", "in_interface": "I",
    }  # fmt: skip
    columns: dict[str, bytes | array[int]] = {
        name: array(code, [flow[name] for flow in flows]) for name, code in codes.items()
    }
    for name in ("src_addr", "dst_addr"):
        columns[name] = b"".join(_packed(flow[name]) for flow in flows)
    columns["protocol"] = bytes(flow["protocol"] for flow in flows)
    if interval:
        columns["sampling_interval"] = array("I", [interval] * len(flows))
    return columns


def _packed(text: str) -> bytes:
    address = ip_address(text)
    return IPv6Address(f"::ffff:{text}").packed if address.version == 4 else address.packed


@pytest.mark.parametrize(
    "number",
    [
        number if number < ROUNDS_EACH_TIME else pytest.param(number, marks=pytest.mark.soak)
        for number in range(ROUNDS)
    ],
)
def test_fifty_questions_are_answered_to_the_byte(site: Site, number: int) -> None:
    # Every other round as a server asks, where questions share what they can.
    lake = Lake.open(site.lake.path, Stock() if number % 2 else None)
    check(site._replace(lake=lake), number, IN_A_ROUND)


def test_clickhouse_answers_some_to_the_byte(site: Site) -> None:
    with served(site.lake) as lake:
        check(site._replace(lake=lake), number=0, count=ON_CLICKHOUSE)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_clickhouse_answers_a_thousand_to_the_byte(site: Site) -> None:
    with served(site.lake) as lake:
        found = [check(site._replace(lake=lake), number, IN_A_ROUND) for number in range(ROUNDS)]
    engine = {"engine": "chdb", "version": version("chdb-core")}
    record(
        "questions-clickhouse",
        {"questions": ROUNDS * IN_A_ROUND, "with_rows": sum(found), "unequal": 0, **engine},
    )


def check(site: Site, number: int, count: int) -> int:
    """Ask the first questions of a round, and return how many of them found something."""
    random = Random(number)
    found_something = 0
    for _ in range(count):
        asked = question(random, site.flows, site.extent)
        answer = answering.top(site.lake, query_from_asked(asked), NOON)
        names = [*(name.partition("/")[0] for name in asked.by), *asked.metrics]
        rows = [{name: row[name] for name in names} for row in answer.data]  # without the errors of estimates
        assert rows == top(site.flows, asked), asked
        found_something += bool(answer.data)
    assert found_something > count // 2
    return found_something


def query_from_asked(asked: Asked) -> Query:
    """The question as the query object says it."""
    since, until = (end if end is None else text_from_instant(end) for end in (asked.since, asked.until))
    order = f"{asked.order}:{'desc' if asked.is_falling else 'asc'}"
    return Query(
        by=asked.by, metrics=asked.metrics, filter=asked.filter, since=since, until=until, top=asked.top,
        order=order,
    )  # fmt: skip
