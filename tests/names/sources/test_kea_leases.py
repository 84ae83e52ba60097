from __future__ import annotations

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.kea_leases import KeaLeases

SOURCE = KeaLeases()
V6 = (
    b"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,"
    b"hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n"
)


def test_a_lease_a_release_and_the_next() -> None:
    bindings, refused = read(SOURCE, (DATA / "kea-leases4.csv").read_bytes())
    assert [(row.name, row.since, row.until) for row in told(bindings) if row.kind == "mac"] == [
        ("00:1b:44:11:3a:01", "18:38:37", "18:48:37"),
        ("", "18:38:37", "18:38:37"),
        ("00:1b:44:11:3a:02", "18:38:40", "18:48:40"),
    ]
    assert not refused


def test_ipv6_leases_but_not_networks_for_routers() -> None:
    content = V6 + (
        b"fd10::5,00:03:00:01:00:1b:44:11:3a:02,600,1795459717,1,400,0,7,128,0,0,pc.office.example.,,0,,,,0\n"
        b"fd10:5::,00:03:00:01:00:1b:44:11:3a:02,600,1795459717,1,400,2,7,48,0,0,,,0,,,,0\n"
    )
    bindings, refused = read(SOURCE, content)
    assert told(bindings) == [
        Told("mac", "fd10::5", "00:1b:44:11:3a:02", "18:38:37", "18:48:37"),
        Told("machine", "fd10::5", "pc.office.example", "18:38:37", "18:48:37"),
    ]
    assert not refused


def test_what_is_declined_or_expired_is_held_by_nobody() -> None:
    content = V6 + b"fd10::5,00:03:00:01:00:1b:44:11:3a:02,600,1795459717,1,400,0,7,128,0,0,pc,,2,,,,0\n"
    assert [(row.name, row.since) for row in told(read(SOURCE, content)[0])] == [
        ("", "18:48:37"),
        ("", "18:48:37"),
    ]


def test_lines_that_are_no_leases_are_counted() -> None:
    bindings, refused = read(SOURCE, V6 + b"fd10::5,x,forever,1,1\nnonsense\nfd10::6,x,5,3,1,,,,,,,,,0\n")
    assert (bindings, refused) == ([], {"no lease": 3})
