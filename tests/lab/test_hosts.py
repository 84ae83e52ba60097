from __future__ import annotations

from tidegauge.lab.address import packed
from tidegauge.lab.hosts import HOSTS


def test_a_row_of_the_table_becomes_a_host() -> None:
    youtube = HOSTS["YouTube"][0]
    assert youtube.name == "www.youtube.com"
    assert youtube.aliases == ("youtube-ui.l.google.com",)
    assert youtube.ttl_seconds == 300
    assert youtube.ipv4[0] == packed("142.250.185.78")


def test_a_dash_means_none() -> None:
    slack = HOSTS["Slack"][0]
    assert slack.ipv6 == ()
    assert slack.aliases == ()


def test_every_host_can_be_reached() -> None:
    assert [host.name for hosts in HOSTS.values() for host in hosts if not host.ipv4] == []


def test_two_news_sites_share_their_addresses_and_nobody_else_does() -> None:
    services: dict[bytes, set[str]] = {}
    for service, hosts in HOSTS.items():
        for host in hosts:
            for address in host.ipv4 + host.ipv6:
                services.setdefault(address, set()).add(service)
    shared = {address: names for address, names in services.items() if len(names) > 1}
    assert set(map(frozenset, shared.values())) == {frozenset({"BBC", "Guardian"})}
    assert packed("151.101.0.81") in shared


def test_a_connection_outlives_no_name() -> None:
    """Names are believed for an hour, so the longest memory and the longest connection must fit into it."""
    longest = max(host.ttl_seconds for hosts in HOSTS.values() for host in hosts)
    assert longest + 45 * 60 <= 3600


def test_the_office_names_its_own_servers() -> None:
    local = {host.name for hosts in HOSTS.values() for host in hosts if host.is_local}
    assert "file-server.office.internal" in local
    assert "www.youtube.com" not in local
