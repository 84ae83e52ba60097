from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.query.running import NOBODY, run
from tests.query.test_lookups import held, packed
from tests.sample_lake import NOON, SECOND, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.parser import parse
from tidegauge.query.profile import own_addresses, profile
from tidegauge.query.question import Query

EVER = TimeRange()
LAPTOP, OTHER, SERVER, PRINTER = "192.168.10.17", "192.168.10.18", "142.250.185.78", "192.168.20.20"
KNOWN: dict[str, Sequence[tuple[Any, ...]]] = {
    "holders": [held(LAPTOP, "John", 0, 2 * NOON)],
    "hosts": [(packed(SERVER), 0, 2 * NOON, "www.youtube.com", "ptr")],
    "site_services": [("www.youtube.com", "YouTube", "streaming")],
}


def flow(source: str, target: str, ports: tuple[int, int], size: int, **more: object) -> Row:
    ends = {"src_addr": source, "dst_addr": target, "src_port": ports[0], "dst_port": ports[1]}
    return {
        **ends,
        "start": NOON,
        "end": NOON + 9 * SECOND,
        "protocol": 6,
        "packets": 1,
        "bytes": size,
        **more,
    }


def found(
    words: str,
    flows: Sequence[Row],
    known: Mapping[str, Sequence[tuple[Any, ...]]] = NOBODY,
    time_range: TimeRange = EVER,
) -> dict[str, list[tuple[Any, ...]]]:
    """Name, address and bytes of the rows of each section."""
    sections: dict[str, list[tuple[Any, ...]]] = {}
    for section, name, address, _, _, _, size, *_ in run(
        profile(Query(filter=words), time_range), flows, known
    ):
        text = None if address is None else text_from_address(address)
        sections.setdefault(section, []).append((name, text, size))
    return sections


def test_a_person_by_services_sites_and_peers() -> None:
    flows = [
        flow(LAPTOP, SERVER, (50_000, 443), 100),
        flow(SERVER, LAPTOP, (443, 50_000), 900),
        flow(OTHER, SERVER, (50_000, 443), 5),
    ]
    sections = found("user John", flows, KNOWN)
    assert sections == {
        "addresses": [("John-laptop", LAPTOP, 1000)],
        "services": [("YouTube", None, 1000)],
        "categories": [("streaming", None, 1000)],
        "sites": [("www.youtube.com", None, 1000)],
        "peers": [("www.youtube.com", SERVER, 1000)],
    }


def test_an_address_is_the_subject_even_far_away() -> None:
    flows = [flow(LAPTOP, SERVER, (50_000, 443), 100), flow(SERVER, LAPTOP, (443, 50_000), 900)]
    sections = found(f"addr {SERVER}", flows)
    assert [row[1:] for row in sections["addresses"]] == [(SERVER, 1000)]
    assert [row[1:] for row in sections["peers"]] == [(LAPTOP, 1000)]
    assert sections["ports"] == [("tcp/443", None, 900)]


def test_a_port_is_offered_only_where_it_answered() -> None:
    refusal = flow(PRINTER, LAPTOP, (22, 50_001), 40, tcp_flags=0x14)
    question = flow(LAPTOP, PRINTER, (50_000, 9100), 70)
    page = flow(PRINTER, LAPTOP, (631, 50_000), 7000, tcp_flags=0x1F)
    assert found(f"addr {PRINTER}", [refusal, question, page])["ports"] == [("tcp/631", None, 7000)]


def test_rows_tell_when_first_and_last_within_the_range() -> None:
    flows = [flow(LAPTOP, SERVER, (50_000, 443), 9)]
    time_range = TimeRange(NOON + SECOND, NOON + 4 * SECOND)
    rows = run(profile(Query(filter=f"addr {LAPTOP}"), time_range), flows)
    assert {row[4:7] for row in rows} == {(NOON + SECOND, NOON + 4 * SECOND, 3)}


def test_the_limit_is_for_each_section() -> None:
    flows = [flow(LAPTOP, f"203.0.113.{host}", (50_000, 443), host) for host in range(1, 5)]
    statement = profile(Query(filter=f"addr {LAPTOP}", top=2), EVER)
    assert [row[6] for row in run(statement, flows) if row[0] == "peers"] == [4, 3]


def test_what_a_filter_is_about() -> None:
    assert [str(each) for each in own_addresses(parse("host 10.0.0.1 or host 10.0.0.2").term)] == []
    assert [str(each) for each in own_addresses(parse("src net 10.0.0.0/24 and tcp").term)] == ["10.0.0.0/24"]
    assert own_addresses(parse("user John").term) == ()
