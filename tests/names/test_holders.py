from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.names.told import packed
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.holders import Holder, Who, holders
from tidegauge.names.inventory import Inventory, inventory_from_text
from tidegauge.names.lease import Lease, bindings_of_lease, bindings_of_release
from tidegauge.names.origin import HOST_NAME, LEASE, LOGIN, NEIGHBOUR, PINNED, Origin
from tidegauge.names.timeline import EVER, FOREVER

OFFICE = inventory_from_text("""
[people]
John = { team = "sales", accounts = ["jdoe"] }
Sarah = { team = "management" }
[machines]
john-laptop = { owner = "John", macs = ["00:00:00:00:00:01"] }
sarah-laptop = { owner = "Sarah", macs = ["00:00:00:00:00:02"], host_names = ["sarahs"] }
printer = { team = "it", addresses = ["192.168.20.20"] }
""")
JOHNS, SARAHS, PHONE = "00:00:00:00:00:01", "00:00:00:00:00:02", "da:00:00:00:00:03"
ADDRESS, OTHER, LINK_LOCAL = packed("192.168.10.11"), packed("192.168.10.12"), packed("fe80::1")


def lease(
    mac: str, since: int, until: int | None, host_name: str | None = None, address: bytes = ADDRESS
) -> list[Binding]:
    return list(bindings_of_lease(Lease(address, mac, host_name, since, until)))


def said(
    kind: Kind, name: str, since: int, until: int | None, origin: Origin = LEASE, address: bytes = ADDRESS
) -> Binding:
    return Binding(
        kind=kind, address=address, name=name, since=since, until=until, source=origin.source,
        confidence=origin.confidence, is_pinned=origin is PINNED,
    )  # fmt: skip


def people(
    bindings: list[Binding], address: bytes = ADDRESS
) -> list[tuple[int, int, str | None, str | None]]:
    """Since, until, person and machine of one address."""
    return [
        (found.since, found.until, found.who.person, found.who.machine)
        for found in holders(bindings, OFFICE)
        if found.address == address
    ]


def test_a_lease_leads_by_its_card_to_machine_person_and_team() -> None:
    found = [holder for holder in holders(lease(JOHNS, 10, 20), OFFICE) if holder.address == ADDRESS]
    assert found == [
        Holder(
            ADDRESS, 10, 20, Who("John", "john-laptop", "sales", "dhcp", LEASE.confidence, is_pinned=False)
        )
    ]


def test_an_address_given_to_somebody_else_is_theirs_from_that_instant() -> None:
    # John's lease was good until 100, but at 50 the server gave the address to Sarah.
    bindings = [*lease(JOHNS, 0, 100), *lease(SARAHS, 50, 80)]
    assert people(bindings) == [(0, 50, "John", "john-laptop"), (50, 80, "Sarah", "sarah-laptop")]


def test_after_a_release_nobody_holds_the_address() -> None:
    assert people([*lease(JOHNS, 0, 100), *bindings_of_release(ADDRESS, 30)]) == [
        (0, 30, "John", "john-laptop")
    ]


def test_renewals_make_one_row() -> None:
    bindings = [binding for since in (0, 50, 100) for binding in lease(JOHNS, since, since + 60)]
    assert people(bindings) == [(0, 160, "John", "john-laptop")]


def test_a_device_that_nobody_listed_is_called_what_it_calls_itself() -> None:
    assert people(lease(PHONE, 0, 10, "alexs-phone")) == [(0, 10, None, "alexs-phone")]


def test_what_a_device_calls_itself_leads_to_its_owner_only_where_listed() -> None:
    assert people(lease(PHONE, 0, 10, "sarahs.office.example")) == [(0, 10, "Sarah", "sarah-laptop")]
    assert people(lease(PHONE, 0, 10, "john-laptop")) == [(0, 10, None, "john-laptop")]


def test_the_card_goes_before_what_the_device_calls_itself() -> None:
    assert people(lease(JOHNS, 0, 10, "sarahs")) == [(0, 10, "John", "john-laptop")]


def test_a_login_names_the_person_at_the_machine() -> None:
    bindings = [*lease(SARAHS, 0, 100), said(Kind.PERSON, "jdoe", 20, 40, LOGIN)]
    assert people(bindings) == [
        (0, 20, "Sarah", "sarah-laptop"),
        (20, 40, "John", "sarah-laptop"),
        (40, 100, "Sarah", "sarah-laptop"),
    ]


def test_a_pin_outranks_everything_and_a_later_pin_the_earlier_while_it_lasts() -> None:
    bindings = [
        *lease(JOHNS, 0, 100),
        said(Kind.PERSON, "jdoe", 0, 100, LOGIN),
        said(Kind.PERSON, "Helen", 10, None, PINNED),
        said(Kind.PERSON, "Sarah", 20, 30, PINNED),
    ]
    assert [(since, person) for since, _, person, _ in people(bindings)] == [
        (0, "John"), (10, "Helen"), (20, "Sarah"), (30, "Helen"), (100, "Helen"),
    ]  # fmt: skip
    assert [found.who.is_pinned for found in holders(bindings, OFFICE) if found.address == ADDRESS][:2] == [
        False,
        True,
    ]


def test_a_pinned_machine_brings_its_owner() -> None:
    assert people([said(Kind.MACHINE, "sarah-laptop", 0, 5, PINNED), *lease(JOHNS, 0, 5)]) == [
        (0, 5, "Sarah", "sarah-laptop")
    ]


def test_neighbours_count_where_no_lease_is_known() -> None:
    bindings = [said(Kind.MAC, SARAHS, 0, 100, NEIGHBOUR), *lease(JOHNS, 20, 40)]
    assert people(bindings) == [
        (0, 20, "Sarah", "sarah-laptop"),
        (20, 40, "John", "john-laptop"),
        (40, 100, "Sarah", "sarah-laptop"),
    ]


def test_an_ipv6_address_gets_its_device_through_the_card() -> None:
    neighbours = [said(Kind.MAC, mac, 0, 100, NEIGHBOUR, LINK_LOCAL) for mac in (JOHNS,)]
    assert people(neighbours, LINK_LOCAL) == [(0, 100, "John", "john-laptop")]


def test_an_unlisted_card_is_called_what_its_lease_called_it_while_that_lasted() -> None:
    bindings = [*lease(PHONE, 10, 30, "alexs-phone"), said(Kind.MAC, PHONE, 0, 100, NEIGHBOUR, LINK_LOCAL)]
    assert people(bindings, LINK_LOCAL) == [(10, 30, None, "alexs-phone")]


def test_a_listed_address_holds_for_ever_but_last() -> None:
    printer = packed("192.168.20.20")
    assert people([], printer) == [(EVER, FOREVER, None, "printer")]
    assert people(lease(JOHNS, 0, 10, address=printer), printer) == [
        (EVER, 0, None, "printer"), (0, 10, "John", "john-laptop"), (10, FOREVER, None, "printer"),
    ]  # fmt: skip


def test_sites_and_hosts_say_nothing_of_holders() -> None:
    assert people([said(Kind.HOST, "a.example", 0, 10), said(Kind.SITE, "b.example", 0, 10)]) == []


CARDS = {JOHNS: "john-laptop", SARAHS: "sarah-laptop"}
statements = st.lists(
    st.builds(
        lambda kind_and_names, since, length: said(
            kind_and_names[0], kind_and_names[1], since, since + length, kind_and_names[2]
        ),
        st.sampled_from(
            [(Kind.MAC, mac, origin) for mac in (JOHNS, SARAHS, PHONE, "") for origin in (LEASE, NEIGHBOUR)]
            + [(Kind.PERSON, name, origin) for name in ("jdoe", "Emma") for origin in (LOGIN, PINNED)]
            + [(Kind.MACHINE, name, HOST_NAME) for name in ("sarahs", "tablet", "")]
            + [(Kind.MACHINE, "tv", PINNED)]
        ),
        st.integers(0, 8),
        st.integers(0, 4),
    ),
    max_size=7,
)


def oracle(moment: int, bindings: list[Binding]) -> tuple[str | None, str | None]:
    """Person and machine at one instant, by going down the order of trust."""

    def deciding(kind: Kind, origin: Origin) -> str:
        made = [
            b for b in bindings if b.kind is kind and b.confidence == origin.confidence and b.since <= moment
        ]
        if origin is PINNED:
            made = [b for b in made if b.until is None or moment < b.until]
        last = max(made, key=lambda b: (b.since, b.until, b.name), default=None)
        return last.name if last and last.until is not None and moment < last.until else ""

    owners = {"john-laptop": "John", "sarah-laptop": "Sarah"}
    own_name = {"sarahs": "sarah-laptop"}
    devices = [
        deciding(Kind.MACHINE, PINNED),
        CARDS.get(deciding(Kind.MAC, LEASE), ""),
        own_name.get(deciding(Kind.MACHINE, HOST_NAME), deciding(Kind.MACHINE, HOST_NAME)),
        CARDS.get(deciding(Kind.MAC, NEIGHBOUR), ""),
    ]
    machine = next(filter(None, devices), "")
    logins = {"jdoe": "John", "Emma": "Emma", "": ""}
    pinned, logged_in = (logins[deciding(Kind.PERSON, origin)] for origin in (PINNED, LOGIN))
    pinned_owner = owners.get(machine, "") if devices[0] else ""
    return pinned or pinned_owner or logged_in or owners.get(machine) or None, machine or None


@given(statements)
def test_any_statements_come_to_what_the_order_of_trust_says(bindings: list[Binding]) -> None:
    found = people(bindings)
    for moment in range(-1, 14):
        held = [(person, machine) for since, until, person, machine in found if since <= moment < until]
        person, machine = oracle(moment, bindings)
        assert held == ([(person, machine)] if person or machine else [])


@given(statements, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(bindings: list[Binding], random: Random) -> None:
    shuffled = [*bindings, *bindings]
    random.shuffle(shuffled)
    assert list(holders(shuffled, OFFICE)) == list(holders(bindings, OFFICE))


def test_without_an_inventory_leases_still_name_devices() -> None:
    found = list(holders(lease(JOHNS, 0, 10, "johns-laptop"), Inventory()))
    assert [(holder.who.person, holder.who.machine) for holder in found] == [(None, "johns-laptop")]
