from __future__ import annotations

from tidegauge.lab.address import packed
from tidegauge.lab.sites import SERVICES, TCP, UDP


def test_a_row_of_the_table_becomes_a_service() -> None:
    youtube = SERVICES["YouTube"]
    assert (youtube.category, youtube.protocol, youtube.port) == ("streaming", UDP, 443)
    assert youtube.ipv4[0] == packed("142.250.185.78")
    assert SERVICES["Gmail-SMTP"].port == 587


def test_a_dash_means_no_ipv6() -> None:
    assert SERVICES["GitHub"].ipv6 == ()
    assert SERVICES["GitHub"].protocol == TCP


def test_no_address_belongs_to_two_services() -> None:
    addresses = [address for service in SERVICES.values() for address in service.ipv4 + service.ipv6]
    assert len(addresses) == len(set(addresses))
