from __future__ import annotations

import pytest

from tidegauge.lab.sites import SERVICES, UDP


def test_a_row_of_the_table_becomes_a_service() -> None:
    youtube = SERVICES["YouTube"]
    assert (youtube.category, youtube.protocol, youtube.port) == ("streaming", UDP, 443)
    assert [host.name for host in youtube.hosts][:2] == ["www.youtube.com", "i.ytimg.com"]
    assert SERVICES["Gmail-SMTP"].port == 587


def test_a_resolver_has_no_name() -> None:
    assert [name for name, service in SERVICES.items() if not service.hosts] == [
        "PublicDNS",
        "Resolver",
        "ServerRoom",
    ]


@pytest.mark.parametrize(
    ("name", "is_browsed"),
    [("GitHub", True), ("Webmail", True), ("Slack", False), ("Gmail", False), ("FileServer", False)],
)
def test_pages_are_for_browsers_and_mail_for_mail_programs(name: str, is_browsed: bool) -> None:
    assert SERVICES[name].is_browsed is is_browsed
