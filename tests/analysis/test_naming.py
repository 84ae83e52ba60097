from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.names.told import packed
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.naming import inventory_of, provide, services_of
from tidegauge.flow.addresses import text_from_address
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.lease import Lease, bindings_of_lease
from tidegauge.names.origin import ANSWER, HOSTS_FILE, PINNED, POINTER, Origin
from tidegauge.query.lookups import LOOKUPS, RELATIONS
from tidegauge.store.bindings import append
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import Stock
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.known_ranges import replace_ranges
from tidegauge.store.lake import Lake

HOUR = 3600 * SECOND
INVENTORY = """
[people]
John = { team = "sales" }
Sarah = {}
[machines]
john-laptop = { owner = "John", macs = ["00:00:00:00:00:01"] }
sarah-laptop = { owner = "Sarah", macs = ["00:00:00:00:00:02"] }
"""
JOHN, JOHN_V6, YOUTUBE = "10.0.0.1", "fd10::1", "142.250.185.78"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "site": "www.dropbox.com"}])
    (lake.path / "names").mkdir()
    (lake.path / "names/inventory.toml").write_text(INVENTORY)
    return lake


def answer(client: str, address: str, name: str, since: int, until: int | None = None) -> Binding:
    return said(
        Kind.SITE, address, name, since, since + HOUR if until is None else until, ANSWER, packed(client)
    )


def said(
    kind: Kind,
    address: str,
    name: str,
    since: int,
    until: int | None,
    origin: Origin,
    client: bytes | None = None,
) -> Binding:
    return Binding(
        kind=kind, address=packed(address), name=name, since=since, until=until, source=origin.source,
        confidence=origin.confidence, client=client, is_pinned=origin is PINNED,
    )  # fmt: skip


def lease(address: str, card: int, since: int, until: int) -> list[Binding]:
    return list(bindings_of_lease(Lease(packed(address), f"00:00:00:00:00:0{card}", None, since, until)))


def rows(
    lake: Lake, lookup: str, columns: str, since: int | None = None, until: int | None = None
) -> list[tuple[Any, ...]]:
    relation = LOOKUPS[lookup].relation
    with lake.generation() as generation, Engine(generation) as engine:
        provide(engine, lake, [lookup], since, until)
        found = engine.rows(f"SELECT {columns} FROM {relation} ORDER BY ALL")
    return [tuple(text_from_address(v) if isinstance(v, bytes) else v for v in row) for row in found]


@pytest.mark.parametrize("lookup", [name for name in LOOKUPS if name != "duplicates"])
def test_a_lake_without_names_has_every_relation_with_its_columns(lookup: str, tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "bare")
    relation = LOOKUPS[lookup].relation
    with lake.generation() as generation, Engine(generation) as engine:
        provide(engine, lake, [lookup], None, None)
        described = [f"{name} {sql_type}" for name, sql_type, *_ in engine.rows(f"DESCRIBE {relation}")]
        known = engine.rows(f"FROM {relation}")
    is_shipped = relation in {"registered_applications", "hidden_sites"}
    assert bool(known) == is_shipped, "what comes with tidegauge is known without any name"
    assert sorted(described) == sorted(RELATIONS[relation].split(", "))


def test_lookups_of_one_relation_make_it_once(lake: Lake) -> None:
    with lake.generation() as generation, Engine(generation) as engine:
        for lookup in ("src_holder", "dst_holder", "client_site", "site_service"):
            provide(engine, lake, [lookup], None, None)
        assert engine.rows("SELECT count(*) FROM holders") == [(0,)]


def test_an_address_that_changes_hands_is_each_persons_in_turn(lake: Lake) -> None:
    append(
        lake,
        [*lease(JOHN, 1, NOON, NOON + 9 * HOUR), *lease(JOHN, 2, NOON + HOUR, NOON + 2 * HOUR)],
        now=NOON,
    )
    assert rows(lake, "src_holder", "CAST(address AS BLOB), since, until, person, machine, team, source") == [
        (JOHN, NOON, NOON + HOUR, "John", "john-laptop", "sales", "dhcp"),
        (JOHN, NOON + HOUR, NOON + 2 * HOUR, "Sarah", "sarah-laptop", None, "dhcp"),
    ]


def test_a_range_of_time_changes_no_answer_inside_it(lake: Lake) -> None:
    """What ended a name lies before the range; it must still end it."""
    append(
        lake,
        [
            *lease(JOHN, 1, NOON, NOON + 90 * HOUR),
            *lease(JOHN, 2, NOON + HOUR, NOON + 2 * HOUR),
            answer(JOHN, YOUTUBE, "a.example", NOON, NOON + 90 * HOUR),
            answer(JOHN, YOUTUBE, "b.example", NOON + HOUR),
        ],
        now=NOON,
    )
    late = NOON + 80 * HOUR
    assert rows(lake, "src_holder", "person", late, late + HOUR) == []
    assert rows(lake, "client_site", "name", late, late + HOUR) == []


def test_the_newest_answer_to_a_client_names_the_site(lake: Lake) -> None:
    append(
        lake,
        [
            answer(JOHN, YOUTUBE, "www.youtube.com", NOON),
            answer(JOHN, YOUTUBE, "www.youtube.com", NOON + HOUR // 2),
            answer(JOHN, YOUTUBE, "i.ytimg.com", NOON + HOUR),
            answer("10.0.0.2", YOUTUBE, "www.google.com", NOON),
        ],
        now=NOON,
    )
    columns = "CAST(client AS BLOB), CAST(address AS BLOB), since, until, name, source"
    assert rows(lake, "client_site", columns) == [
        (JOHN, YOUTUBE, NOON, NOON + HOUR, "www.youtube.com", "dns"),
        (JOHN, YOUTUBE, NOON + HOUR, NOON + 2 * HOUR, "i.ytimg.com", "dns"),
        ("10.0.0.2", YOUTUBE, NOON, NOON + HOUR, "www.google.com", "dns"),
    ]


def test_who_asks_over_ipv4_for_ipv6_uses_it_from_the_machines_ipv6_address(lake: Lake) -> None:
    append(
        lake,
        [
            *lease(JOHN, 1, NOON, NOON + HOUR),
            *lease(JOHN_V6, 1, NOON, NOON + HOUR),
            answer(JOHN, "2001:db8::1", "six.example", NOON + 1),
            answer(JOHN, YOUTUBE, "four.example", NOON + 1),
            answer(JOHN, "2001:db8::2", "later.example", NOON + 2 * HOUR),
        ],
        now=NOON,
    )
    assert rows(lake, "client_site", "name, CAST(client AS BLOB)") == [
        ("four.example", JOHN),
        ("later.example", JOHN),
        ("six.example", JOHN_V6),
    ]


def test_a_name_that_hides_others_is_no_site(lake: Lake) -> None:
    append(lake, [answer(JOHN, "8.8.8.8", "dns.google", NOON)], now=NOON)
    assert rows(lake, "client_site", "name, source") == [(None, "hidden")]


def test_a_guess_never_overwrites_a_name(lake: Lake) -> None:
    append(
        lake,
        [
            said(Kind.HOST, YOUTUBE, "youtube.office.example", NOON + HOUR, NOON + 2 * HOUR, HOSTS_FILE),
            said(Kind.HOST, YOUTUBE, "fra16.1e100.net", NOON, NOON + 9 * HOUR, POINTER),
            said(Kind.HOST, YOUTUBE, "pinned.example", NOON + 3 * HOUR, NOON + 4 * HOUR, PINNED),
        ],
        now=NOON,
    )
    assert rows(lake, "far_host", "(since - 1767268800000000000) // 3600000000000, name") == [
        (0, "fra16.1e100.net"), (1, "youtube.office.example"), (2, "fra16.1e100.net"), (3, "pinned.example"),
        (4, "fra16.1e100.net"),
    ]  # fmt: skip


def test_services_of_every_site_there_is(lake: Lake) -> None:
    append(
        lake,
        [
            answer(JOHN, YOUTUBE, "www.youtube.com", NOON),
            answer(JOHN, "192.0.2.1", "nowhere.example", NOON),
            said(Kind.HOST, "1.2.3.4", "x.fastly.net", NOON, None, POINTER),
        ],
        now=NOON,
    )
    (lake.path / "names/services.toml").write_text(
        '[Nowhere]\ncategory = "voids"\nsites = ["nowhere.example"]\n'
    )
    assert rows(lake, "site_service", "name, service, category") == [
        ("nowhere.example", "Nowhere", "voids"),
        ("www.dropbox.com", "Dropbox", "files"),
        ("www.youtube.com", "YouTube", "streaming"),
        ("x.fastly.net", "Fastly", "cloud"),
    ]


def test_ranges_and_places_as_they_were_brought(lake: Lake) -> None:
    columns = dict(column.split() for column in RELATIONS["places"].split(", "))
    place = {"first": packed("192.0.2.0"), "last": packed("192.0.2.255"), "as_number": 64496, "country": "DE"}
    replace_ranges(lake, "places", columns, [place])
    assert rows(lake, "src_place", "CAST(first AS BLOB), as_number, as_name, country") == [
        ("192.0.2.0", 64496, None, "DE")
    ]


@pytest.mark.parametrize(
    ("name", "lookup"), [("inventory.toml", "src_holder"), ("services.toml", "site_service")]
)
def test_a_mistake_in_a_file_is_told(lake: Lake, name: str, lookup: str) -> None:
    (lake.path / "names" / name).write_text("x = [")
    with pytest.raises(LakeUnreadableError, match=name):
        rows(lake, lookup, "*")


def test_the_lakes_own_files(lake: Lake) -> None:
    assert set(inventory_of(lake).people) == {"John", "Sarah"}
    assert services_of(lake).of("youtu.be") is not None


def shared_names(lake: Lake, stock: Stock, lookup: str = "src_holder") -> list[tuple[Any, ...]]:
    """What a question sees beside others that share the stock."""
    with lake.generation() as generation, Engine(generation, stock=stock) as engine:
        provide(engine, lake, [lookup], NOON, NOON + HOUR)
        name = "person" if lookup == "src_holder" else "name"
        return engine.rows(f"SELECT {name}, since FROM {LOOKUPS[lookup].relation} ORDER BY ALL")


def test_questions_share_names_and_see_what_was_learnt_before_each(lake: Lake) -> None:
    stock = Stock()
    append(lake, [said(Kind.MACHINE, JOHN, "john-laptop", NOON, NOON + HOUR, PINNED)], NOON)
    assert shared_names(lake, stock) == [("John", NOON)]
    assert shared_names(lake, stock) == [("John", NOON)]
    assert [kept.name for kept in stock.kept].count("holders") == 1
    append(lake, [said(Kind.MACHINE, "10.0.0.2", "sarah-laptop", NOON + 1, NOON + HOUR, PINNED)], NOON)
    assert shared_names(lake, stock) == [("John", NOON), ("Sarah", NOON + 1)]
    path = lake.path / "names/inventory.toml"
    path.write_text(INVENTORY.replace('owner = "Sarah"', 'owner = "John"'))
    assert [name for name, _ in shared_names(lake, stock)] == ["John", "John"]
    path.write_text(INVENTORY)
    assert [name for name, _ in shared_names(lake, stock)] == ["John", "Sarah"]


def test_shared_sites_follow_the_table_of_services(lake: Lake) -> None:
    stock = Stock()
    append(lake, [answer(JOHN, YOUTUBE, "video.example", NOON)], NOON)
    assert shared_names(lake, stock, "client_site") == [("video.example", NOON)]
    (lake.path / "names/services.toml").write_text('[Veil]\ncategory = "hidden"\nsites = ["video.example"]\n')
    assert shared_names(lake, stock, "client_site") == [(None, NOON)]


def test_ranges_are_shared_until_they_are_replaced(lake: Lake) -> None:
    stock, columns = Stock(), {"first": "UUID", "last": "UUID", "service": "VARCHAR", "category": "VARCHAR"}
    for service in ("One", "Two"):
        row = {"first": packed("192.0.2.0"), "last": packed("192.0.2.9"), "service": service}
        replace_ranges(lake, "range_services", columns, [row])
        for _ in range(2):
            with lake.generation() as generation, Engine(generation, stock=stock) as engine:
                provide(engine, lake, ["far_service"], None, None)
                assert engine.rows("SELECT service FROM range_services") == [(service,)]
