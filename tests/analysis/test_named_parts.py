from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.names.told import packed
from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.top import top
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.origin import ANSWER, HOSTS_FILE, LEASE, Origin
from tidegauge.query.named import RELATION
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest

HOUR = 3600 * SECOND
NOW = NOON + 6 * HOUR
JOHN, SARAH, SHOP = "10.0.0.1", "10.0.0.2", "198.51.100.7"
LAPTOP, PHONE = "00:00:00:00:00:01", "00:00:00:00:00:02"
QUERY = Query(by=("user", "site", "service"), metrics=("bytes", "flows"), since="2026-01-01T12:00:00Z", top=0)
INVENTORY = """
[people]
John = {}
Sarah = {}
[machines]
laptop = { owner = "John", macs = ["00:00:00:00:00:01"] }
phone = { owner = "Sarah", macs = ["00:00:00:00:00:02"] }
"""


def add_hour(lake: Lake, *flows: Row) -> None:
    """A segment of an hour."""
    add_segment(lake, "flows", flows)

    def settled(manifest: Manifest) -> Manifest:
        segments = (msgspec.structs.replace(segment, level="hour") for segment in manifest.segments)
        return msgspec.structs.replace(manifest, segments=tuple(segments))

    lake.commit(settled, NOON)


def flow(at: int, source: str, size: int) -> Row:
    ends = {"src_addr": source, "dst_addr": SHOP, "src_port": 50_000, "dst_port": 443, "protocol": 6}
    return {"received": at + SECOND, "start": at, "end": at + SECOND, "bytes": size, "packets": 1, **ends}


def said(kind: Kind, address: str, name: str, since: int, until: int, origin: Origin = LEASE) -> Binding:
    return Binding(
        kind=kind, address=packed(address), name=name, since=since, until=until, source=origin.source,
        confidence=origin.confidence, client=packed(JOHN) if kind is Kind.SITE else None,
    )  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = make_lake(tmp_path / "lake")
    add_hour(lake, flow(NOON + 60 * SECOND, JOHN, 1), flow(NOON + HOUR, SARAH, 2))
    (lake.path / "names").mkdir()
    (lake.path / "names/inventory.toml").write_text(INVENTORY)
    add_hour(lake, flow(NOON + 4 * HOUR, JOHN, 4), flow(NOON + 5 * HOUR, SARAH, 8))
    append(lake, [said(Kind.MAC, JOHN, LAPTOP, NOON, NOON + 5 * HOUR)], NOON)
    return lake


def told(lake: Lake, stock: Stock) -> dict[tuple[str | None, str | None], int]:
    """Bytes by user and site, as whoever asks alone is told as well."""
    shared, alone = (top(Lake.open(lake.path, each), QUERY, NOW) for each in (stock, None))
    for answer in (shared, alone):
        answer.stats.clear()
    assert msgspec.json.encode(shared) == msgspec.json.encode(alone)
    return {(row["user"], row["site"]): row["bytes"] for row in shared.data}


def pieces(stock: Stock) -> set[str]:
    return {kept.table for kept in stock.kept if kept.name == f"pieces of {RELATION}"}


def test_what_is_learnt_of_now_leaves_earlier_flows_their_names(lake: Lake) -> None:
    stock = Stock()
    assert told(lake, stock) == {("John", None): 5, (None, None): 10}
    before = pieces(stock)
    assert len(before) == 2
    append(lake, [said(Kind.MAC, SARAH, PHONE, NOON + 5 * HOUR, NOON + 9 * HOUR)], NOON)
    assert told(lake, stock) == {("John", None): 5, (None, None): 2, ("Sarah", None): 8}
    assert len(pieces(stock) - before) == 1
    append(lake, [said(Kind.MAC, SARAH, PHONE, NOON + 6 * HOUR, NOON + 19 * HOUR)], NOON)
    known = pieces(stock)
    told(lake, stock)
    assert pieces(stock) == known, "nothing changed for any flow"


@pytest.mark.parametrize(
    ("learnt", "expected"),
    [
        (
            said(Kind.MAC, JOHN, PHONE, NOON + SECOND, NOON + HOUR),
            {("Sarah", None): 1, (None, None): 14},
        ),
        (
            said(Kind.SITE, SHOP, "www.shop.example", NOON, NOON + HOUR, ANSWER),
            {("John", "www.shop.example"): 1, ("John", None): 4, (None, None): 10},
        ),
        (
            said(Kind.HOST, SHOP, "shop.example", NOON + HOUR, NOON + 2 * HOUR, HOSTS_FILE),
            {("John", None): 5, (None, "shop.example"): 2, (None, None): 8},
        ),
    ],
)
def test_what_is_learnt_of_the_past_names_its_flows_anew(
    lake: Lake, learnt: Binding, expected: dict[tuple[str | None, str | None], int]
) -> None:
    stock = Stock()
    told(lake, stock)
    before = pieces(stock)
    append(lake, [learnt], NOON)
    assert told(lake, stock) == expected
    assert pieces(stock) - before


def test_an_end_told_earlier_takes_the_name_from_what_came_after(lake: Lake) -> None:
    stock = Stock()
    told(lake, stock)
    append(lake, [said(Kind.MAC, JOHN, "", NOON + 2 * HOUR, NOON + 2 * HOUR)], NOON)
    assert told(lake, stock) == {("John", None): 1, (None, None): 14}


def test_what_people_edit_names_all_flows_anew(lake: Lake) -> None:
    stock = Stock()
    told(lake, stock)
    before = pieces(stock)
    (lake.path / "names/inventory.toml").write_text(INVENTORY.replace('"John"', '"Sarah"'))
    assert told(lake, stock) == {("Sarah", None): 5, (None, None): 10}
    assert len(pieces(stock) - before) == len(before)


def test_flows_that_come_later_are_named_beside_the_others(lake: Lake) -> None:
    stock = Stock()
    told(lake, stock)
    before = pieces(stock)
    add_segment(lake, "flows", [flow(NOON + 4 * HOUR + 60 * SECOND, JOHN, 16)])
    assert told(lake, stock) == {("John", None): 21, (None, None): 10}
    assert len(pieces(stock) - before) == 1
