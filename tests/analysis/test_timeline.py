from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.query.test_lookups import LAPTOP
from tests.query.test_timeline import PUBLIC, SERVER, flow
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.timeline import COLUMNS, timeline
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.binding import Binding, Kind
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.lake import Lake

ABOUT = Query(filter=f"addr {LAPTOP}")


def packed(address: str) -> bytes:
    return address_from_text(address).to_bytes(16, "big")


@pytest.fixture
def life(tmp_path: Path) -> Lake:
    """A laptop gets its address, asks for a name, and talks through two routers; the second does NAT."""
    nat: dict[str, Any] = {"nat_src_addr": PUBLIC, "nat_src_port": 40_001}
    flows = [
        flow(5, exporter=1, received=NOON),
        flow(6, exporter=2, received=NOON, **nat, clock_bound=40_000_000),
        {"received": NOON, "start": NOON, "end": NOON, "src_addr": "10.9.9.9", "bytes": 1},
    ]
    lake = make_lake(tmp_path / "lake", flows)
    told = [
        Binding(
            kind=Kind.PERSON, address=packed(LAPTOP), name="John", since=NOON, until=NOON + 3600 * SECOND,
            source="dhcp", confidence=90,
        ),
        Binding(
            kind=Kind.SITE, address=packed(SERVER), client=packed(LAPTOP), name="www.youtube.com",
            since=NOON + 4 * SECOND, until=NOON + 3600 * SECOND, source="dnsmasq", confidence=90,
        ),
    ]  # fmt: skip
    append(lake, told, NOON)
    return lake


def test_one_life_in_order(life: Lake) -> None:
    answer = timeline(life, ABOUT, NOON)
    told = [(row["time"][11:19], row["kind"], row["exporter"], row["text"]) for row in answer.data]
    youtube = f"{LAPTOP}:50000 to {SERVER}:443 by tcp (YouTube): 100 bytes in 1 packet within 2 seconds"
    assert told == [
        ("12:00:00", "name", None, "held by John, says dhcp"),
        ("12:00:04", "dns", None, f"{LAPTOP} was told that www.youtube.com is {SERVER}, says dnsmasq"),
        ("12:00:05", "flow", "192.0.2.1", f"{youtube}, hop 1 of 2"),
        ("12:00:06", "nat", "192.0.2.2", f"{LAPTOP}:50000 translates to {PUBLIC}:40001"),
        ("12:00:06", "flow", "192.0.2.2", f"{youtube}, hop 2 of 2"),
        ("13:00:00", "name", None, "given up by John, says dhcp"),
    ]
    assert answer.totals == {"bytes": 200, "packets": 2, "flows": 2}
    assert answer.data[4]["clock_bound"] == 40_000_000
    assert [column["name"] for column in answer.columns] == [column.name for column in COLUMNS]
    assert {tuple(row) for row in answer.data} == {tuple(column.name for column in COLUMNS)}


def test_a_page_is_the_beginning_of_the_whole(life: Lake) -> None:
    whole = timeline(life, ABOUT, NOON).data
    for top in range(1, len(whole) + 1):
        assert timeline(life, Query(filter=ABOUT.filter, top=top), NOON).data == whole[:top]


def test_the_latest_first(life: Lake) -> None:
    latest = timeline(life, Query(filter=ABOUT.filter, order="time:desc"), NOON).data
    assert [row["time"] for row in latest] == sorted((row["time"] for row in latest), reverse=True)
    assert {row["text"] for row in latest} == {row["text"] for row in timeline(life, ABOUT, NOON).data}


@pytest.mark.parametrize("kind", ["name", "dns", "nat", "flow"])
def test_one_kind_alone_is_that_part_of_the_whole(life: Lake, kind: str) -> None:
    part = [row for row in timeline(life, ABOUT, NOON).data if row["kind"] == kind]
    asked = Query(filter=ABOUT.filter, having=f"kind = {kind}", top=len(part))
    assert timeline(life, asked, NOON).data == part != []


def test_findings_touch_it(tmp_path: Path) -> None:
    knocks = [
        flow(
            number // 10, received=NOON, src_port=50_000, dst_port=1 + number, bytes=44, tcp_flags=2, end=NOON
        )
        for number in range(300)
    ]
    lake = make_lake(tmp_path / "lake", knocks)
    [finding] = (row for row in timeline(lake, Query(filter=f"addr {LAPTOP}", top=0), NOON).data
                 if row["kind"] == "finding" and "ports" in row["text"])  # fmt: skip
    assert finding["text"].startswith("high: ")


def test_an_event_of_a_translator_is_no_flow(tmp_path: Path) -> None:
    event = flow(0, received=NOON, nat_src_addr=PUBLIC, nat_src_port=7, nat_event=4, bytes=None, packets=None)
    lake = make_lake(tmp_path / "lake", [event])
    assert [(row["kind"], row["text"]) for row in timeline(lake, ABOUT, NOON).data] == [
        ("nat", f"{LAPTOP}:50000 became {PUBLIC}:7 (created)")
    ]


def test_events_of_a_translation_stand_for_what_its_flows_tell(tmp_path: Path) -> None:
    translated: dict[str, Any] = {"received": NOON, "nat_src_addr": PUBLIC, "nat_src_port": 7}
    ends = translated | {"nat_dst_addr": SERVER, "nat_dst_port": 443, "bytes": None, "packets": None}
    begun, ended = (flow(at, nat_event=event, **ends) for at, event in ((1, 4), (9, 5)))
    ways_back: dict[str, Any] = {"src_addr": SERVER, "src_port": 443, "dst_addr": LAPTOP, "dst_port": 50_000}
    back = flow(1, received=NOON, nat_dst_addr=PUBLIC, nat_dst_port=7, **ways_back)
    lake = make_lake(tmp_path / "lake", [flow(0, **translated), begun, back, ended])
    told = [row["text"] for row in timeline(lake, ABOUT, NOON).data if row["kind"] == "nat"]
    assert told == [f"{LAPTOP}:50000 became {PUBLIC}:7 ({what})" for what in ("created", "deleted")]


def test_somebody_must_be_named(life: Lake) -> None:
    with pytest.raises(QuestionError, match="addr"):
        timeline(life, Query(), NOON)


def test_an_empty_lake_tells_nothing(empty_lake: Lake) -> None:
    assert timeline(empty_lake, ABOUT, NOON).data == []
