from __future__ import annotations

import pytest

from tests.names.told import packed
from tidegauge.names.answer import domain_name, host_of_pointer, site_of_answer

SECOND = 1_000_000_000
SERVER, CLIENT = packed("142.250.185.78"), packed("192.168.10.11")


@pytest.mark.parametrize(
    ("ttl", "held"),
    [(None, 3600), (60, 3600), (7200, 7200), (2**31, 86_400)],
    ids=["unknown", "short", "long", "absurd"],
)
def test_an_answer_holds_between_an_hour_and_a_day(ttl: int | None, held: int) -> None:
    site = site_of_answer("www.youtube.com", SERVER, CLIENT, at=5, ttl_seconds=ttl)
    assert site is not None
    assert (site.since, site.until, site.client) == (5, 5 + held * SECOND, CLIENT)


def test_a_blocked_name_leads_nowhere() -> None:
    assert site_of_answer("ads.example", packed("0.0.0.0"), CLIENT, at=5) is None


def test_what_an_owner_calls_an_address_is_for_everybody() -> None:
    host = host_of_pointer("fra16s49-in-f14.1e100.net.", SERVER, at=5)
    assert host is not None
    assert (host.name, host.client, host.source) == ("fra16s49-in-f14.1e100.net", None, "ptr")


@pytest.mark.parametrize("text", ["", ".", "two words", "<HTTPS>", "a" * 254, "bell\x07", "caf\ufffd"])
def test_no_domain_name(text: str) -> None:
    assert domain_name(text) == ""
    assert host_of_pointer(text, SERVER, at=5) is None
    assert site_of_answer(text, SERVER, CLIENT, at=5) is None
