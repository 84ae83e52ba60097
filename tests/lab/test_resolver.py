from __future__ import annotations

from random import Random

import pytest

from tidegauge.lab.activity import SECOND
from tidegauge.lab.address import packed
from tidegauge.lab.hosts import HOSTS
from tidegauge.lab.journal import Journal
from tidegauge.lab.resolver import Resolver

JOHN = packed("192.168.10.13")
NOON = 1_750_000_000 * SECOND
YOUTUBE = HOSTS["YouTube"][0]


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def resolver(journal: Journal) -> Resolver:
    return Resolver(journal, Random(1))


def said(journal: Journal) -> list[tuple[str, str]]:
    """The number of each question, and what was said about it."""
    parts = [entry.text.split(" ", 2) for entry in journal.entries_until(NOON + 9 * 3600 * SECOND)]
    return [(number, text) for number, _, text in parts]


def test_an_answer_names_every_alias_and_every_address(resolver: Resolver, journal: Journal) -> None:
    resolver.answer(JOHN, YOUTUBE, NOON)
    assert said(journal) == [
        ("1", "query[A] www.youtube.com from 192.168.10.13"),
        ("1", "forwarded www.youtube.com to 9.9.9.9"),
        ("1", "reply www.youtube.com is <CNAME>"),
        ("1", "reply youtube-ui.l.google.com is 142.250.185.78"),
        ("1", "reply youtube-ui.l.google.com is 142.250.185.110"),
        ("1", "reply youtube-ui.l.google.com is 142.250.186.46"),
        ("2", "query[AAAA] www.youtube.com from 192.168.10.13"),
        ("2", "forwarded www.youtube.com to 9.9.9.9"),
        ("2", "reply www.youtube.com is <CNAME>"),
        ("2", "reply youtube-ui.l.google.com is 2a00:1450:4001:82a::200e"),
        ("2", "reply youtube-ui.l.google.com is 2a00:1450:4001:813::200e"),
    ]


def test_what_it_remembers_it_does_not_ask_for_again(resolver: Resolver, journal: Journal) -> None:
    kept_until = resolver.answer(JOHN, YOUTUBE, NOON)
    assert kept_until == NOON + 300 * SECOND
    assert resolver.knows(YOUTUBE, NOON + 299 * SECOND)
    assert not resolver.knows(YOUTUBE, kept_until)
    said(journal)
    assert resolver.answer(JOHN, YOUTUBE, NOON + 299 * SECOND) == kept_until
    words = [text.split()[0] for _, text in said(journal)]
    assert words == ["query[A]", *["cached"] * 4, "query[AAAA]", *["cached"] * 3]


def test_no_address_is_an_answer(resolver: Resolver, journal: Journal) -> None:
    resolver.answer(JOHN, HOSTS["Slack"][0], NOON)
    assert said(journal)[-1] == ("2", "reply wss-primary.slack.com is NODATA-IPv6")


def test_its_own_names_it_knows_from_a_file(resolver: Resolver, journal: Journal) -> None:
    resolver.answer(JOHN, HOSTS["Printer"][0], NOON)
    assert said(journal) == [
        ("1", "query[A] printer.office.internal from 192.168.10.13"),
        ("1", "/etc/hosts printer.office.internal is 192.168.20.20"),
        ("2", "query[AAAA] printer.office.internal from 192.168.10.13"),
        ("2", "config printer.office.internal is NODATA-IPv6"),
    ]
