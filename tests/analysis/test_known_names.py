from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.names.told import packed
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.known_names import known_names
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.answer import host_of_pointer, site_of_answer
from tidegauge.names.origin import PINNED
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.lake import Lake

JOHN, YOUTUBE = "10.0.0.1", "142.250.185.78"


@pytest.fixture
def named(tmp_path: Path) -> Lake:
    lake = make_lake(tmp_path / "lake")
    site = site_of_answer("www.youtube.com", packed(YOUTUBE), packed(JOHN), NOON)
    host = host_of_pointer("fra16.1e100.net", packed(YOUTUBE), NOON)
    pin = Binding(
        kind=Kind.PERSON, address=packed(JOHN), name="John", since=NOON, until=None, source=PINNED.source,
        confidence=PINNED.confidence, is_pinned=True,
    )  # fmt: skip
    assert site
    assert host
    append(lake, [site, host, pin], NOON)
    return lake


def asked(lake: Lake, about: str = "", **question: Any) -> list[tuple[str, str | None]]:
    answer = known_names(lake, Query(**question), NOON + 60 * SECOND, about)
    return [(row["kind"], row["person"] or row["name"]) for row in answer.data]


ALL = [("holder", "John"), ("host", "fra16.1e100.net"), ("site", "www.youtube.com")]


def test_everything_with_its_interval_and_source(named: Lake) -> None:
    answer = known_names(named, Query(), NOON)
    assert [(row["kind"], row["person"] or row["name"]) for row in answer.data] == ALL
    assert answer.data[0] == {
        "address": JOHN, "kind": "holder", "person": "John", "machine": None, "team": None, "name": None,
        "client": None, "since": "2026-01-01T12:00:00.000000000Z", "until": None, "source": "pinned",
        "confidence": 100, "is_pinned": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("about", "found"),
    [
        (JOHN, [ALL[0], ALL[2]]),
        (YOUTUBE, [ALL[1], ALL[2]]),
        ("john", [ALL[0]]),
        ("youtube.com", [ALL[2]]),
        ("WWW.youtube.com.", [ALL[2]]),
        ("tube.com", []),
        ("192.0.2.9", []),
    ],
)
def test_about_an_address_or_a_name(named: Lake, about: str, found: list[tuple[str, str]]) -> None:
    assert asked(named, about) == found


def test_only_what_touches_the_range(named: Lake) -> None:
    assert asked(named, since="2026-01-01T13:00Z") == ALL[:2]
    assert asked(named, until="2026-01-01T12:00Z") == []
