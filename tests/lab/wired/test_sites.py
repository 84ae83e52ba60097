from __future__ import annotations

from ipaddress import ip_address, ip_network

from tidegauge.lab.wired.sites import BEHIND_EDGE2, FILES, MAIL, SITES, TIME_SERVER


def test_nobody_shares_a_name_or_an_address() -> None:
    assert len({site.name for site in SITES}) == len(SITES)
    assert len({TIME_SERVER, *(site.address for site in SITES)}) == len(SITES) + 1


def test_the_second_router_stands_before_mails_files_and_time() -> None:
    behind = {site for site in SITES if ip_address(site.address) in ip_network(BEHIND_EDGE2)}
    assert behind == {MAIL, FILES}
    assert ip_address(TIME_SERVER) in ip_network(BEHIND_EDGE2)
