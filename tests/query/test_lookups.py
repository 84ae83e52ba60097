"""Names joined to flows: as of the flow's own time, at the end they belong to, never twice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.query.running import run
from tests.sample_lake import Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import network_from_text, uuid_text
from tidegauge.query.listing import listing
from tidegauge.query.lookups import LOOKUPS, RELATIONS, joined, lookups_of
from tidegauge.query.parser import parse
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking

NOON = 1_767_268_800_000_000_000
LAPTOP, SERVER, PRINTER = "192.168.10.17", "142.250.185.78", "192.168.20.20"


def packed(text: str) -> str:
    """An address as the lake's relations hold it."""
    return uuid_text(network_from_text(text).first)


def flow(source: str, target: str, at: int = NOON, **more: object) -> Row:
    """A flow of a minute; the well-known port is the server's."""
    addresses = {"src_addr": source, "dst_addr": target, "start": at, "end": at + 60_000_000_000}
    return {**addresses, "bytes": 100, "packets": 1, **more}


def held(address: str, person: str, since: int, until: int, *, is_pinned: bool = False) -> tuple[object, ...]:
    """A row of ``holders``."""
    return (packed(address), since, until, person, f"{person}-laptop", "sales", "dhcp", 90, is_pinned)


JOHN_THEN_ANNA = [held(LAPTOP, "John", 0, NOON), held(LAPTOP, "Anna", NOON, 2 * NOON)]


def by(field: str, flows: list[Row], **known: Sequence[tuple[object, ...]]) -> dict[object, int]:
    """Bytes by a field."""
    statement = ranking(Query(by=(field,), metrics=("bytes",)), TimeRange())
    return {name: count for name, count in run(statement, flows, known)}  # noqa: C416 (rows of two)


def test_an_address_lent_on_belongs_to_each_holder_in_turn() -> None:
    flows = [flow(LAPTOP, SERVER, NOON - 1), flow(LAPTOP, SERVER, NOON), flow(LAPTOP, SERVER, NOON + 1)]
    assert by("user", flows, holders=JOHN_THEN_ANNA) == {"John": 100, "Anna": 200}


def test_both_directions_belong_to_the_near_end() -> None:
    flows = [
        flow(LAPTOP, SERVER, src_port=50000, dst_port=443),
        flow(SERVER, LAPTOP, src_port=443, dst_port=50000, bytes=900),
    ]
    assert by("user", flows, holders=JOHN_THEN_ANNA) == {"Anna": 1000}
    assert by("machine", flows, holders=JOHN_THEN_ANNA) == {"Anna-laptop": 1000}
    assert by("src_user", flows, holders=JOHN_THEN_ANNA) == {"Anna": 100, None: 900}


def test_between_two_home_addresses_the_higher_port_is_the_near_end() -> None:
    flows = [flow(PRINTER, LAPTOP, src_port=9100, dst_port=50000)]
    holders = [*JOHN_THEN_ANNA, held(PRINTER, "Nobody", 0, 2 * NOON)]
    assert by("user", flows, holders=holders) == {"Anna": 100}


def test_what_the_exporter_says_goes_before_a_lease_and_a_pin_before_both() -> None:
    flows = [flow(LAPTOP, SERVER, user="j.smith")]
    assert by("user", flows, holders=JOHN_THEN_ANNA) == {"j.smith": 100}
    assert by("user_source", flows, holders=JOHN_THEN_ANNA) == {"exporter": 100}
    pinned = [held(LAPTOP, "Anna", 0, 2 * NOON, is_pinned=True)]
    assert by("user", flows, holders=pinned) == {"Anna": 100}


def test_one_address_is_another_site_for_each_client_that_asked() -> None:
    other = "192.168.10.18"
    flows = [flow(LAPTOP, SERVER), flow(SERVER, other, src_port=443, dst_port=50000)]
    sites = [
        (packed(client), packed(SERVER), 0, 2 * NOON, name, "dns")
        for client, name in ((LAPTOP, "www.bbc.com"), (other, "www.theguardian.com"))
    ]
    assert by("site", flows, sites=sites) == {"www.bbc.com": 100, "www.theguardian.com": 100}
    services = [("www.bbc.com", "BBC", "news")]
    assert by("service", flows, sites=sites, site_services=services) == {"BBC": 100, None: 100}


def test_hidden_is_not_replaced_by_a_guess() -> None:
    sites = [(packed(LAPTOP), packed(SERVER), 0, 2 * NOON, None, "hidden")]
    hosts = [(packed(SERVER), 0, 2 * NOON, "fra16s51.1e100.net", "ptr")]
    assert by("site", [flow(LAPTOP, SERVER)], hosts=hosts) == {"fra16s51.1e100.net": 100}
    assert by("site", [flow(LAPTOP, SERVER)], hosts=hosts, sites=sites) == {None: 100}
    assert by("site_source", [flow(LAPTOP, SERVER)], hosts=hosts, sites=sites) == {"hidden": 100}


def test_a_name_that_only_hides_another_gives_way_to_what_the_client_looked_up() -> None:
    flows = [flow(LAPTOP, SERVER, site="cloudflare-ech.com", site_source="sni")]
    known: dict[str, Sequence[tuple[object, ...]]] = {
        "hidden_sites": [("cloudflare-ech.com",)],
        "hosts": [(packed(SERVER), 0, 2 * NOON, "fra16s51.1e100.net", "ptr")],
    }
    assert by("site", flows, **known) == {None: 100}
    assert by("site_source", flows, **known) == {"hidden": 100}
    known["sites"] = [(packed(LAPTOP), packed(SERVER), 0, 2 * NOON, "www.bbc.com", "dns")]
    assert by("site", flows, **known) == {"www.bbc.com": 100}
    assert by("site_source", flows, **known) == {"dns": 100}


def test_how_the_exporter_knew_the_site_is_told() -> None:
    flows = [
        flow(LAPTOP, SERVER, site="a.example", site_source="sni"),
        flow(LAPTOP, SERVER, site="b.example"),
    ]
    assert by("site_source", flows) == {"sni": 100, "exporter": 100}


def test_a_place_reaches_to_the_last_address_of_its_range() -> None:
    places = [(packed("142.250.0.0"), packed("142.250.255.255"), 15169, "Google", "US")]
    flows = [flow(LAPTOP, "142.250.255.255"), flow(LAPTOP, "142.251.0.0"), flow(LAPTOP, "9.9.9.9")]
    assert by("dst_country", flows, places=places) == {"US": 100, None: 200}


def test_the_reverse_direction_of_a_record_is_named_too() -> None:
    flows = [flow(LAPTOP, SERVER, src_port=50000, dst_port=443, reverse_bytes=900, reverse_packets=3)]
    assert by("user", flows, holders=JOHN_THEN_ANNA) == {"Anna": 1000}
    assert by("dst_user", flows, holders=JOHN_THEN_ANNA) == {None: 100, "Anna": 900}


def test_a_filter_may_speak_of_names_and_the_listing_shows_them() -> None:
    flows = [flow(LAPTOP, SERVER, NOON - 1), flow(LAPTOP, SERVER)]
    statement = listing(Query(filter="user Anna", order="user"), TimeRange())
    names = [column.name for column in statement.columns]
    [row] = run(statement, flows, {"holders": JOHN_THEN_ANNA})
    assert (row[names.index("user")], row[names.index("user_source")]) == ("Anna", "dhcp")


def test_only_what_is_spoken_of_is_joined() -> None:
    assert lookups_of(parse("bytes > 1M").term) == ()
    assert lookups_of(parse("service YouTube").term) == (
        "hidden_site",
        "client_site",
        "far_host",
        "site_service",
        "far_service",
    )
    assert joined("flows", ()) == "flows"


@pytest.mark.parametrize("name", LOOKUPS)
def test_every_lookup_joins_a_relation_that_is_described(name: str) -> None:
    assert LOOKUPS[name].relation in RELATIONS
