from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.profile import profile
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.binding import Binding, Kind
from tidegauge.query.error import QuestionError
from tidegauge.query.profile import COLUMNS
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.lake import Lake

LAPTOP = "10.0.0.1"


@pytest.fixture
def known(lake: Lake) -> Lake:
    address = address_from_text(LAPTOP).to_bytes(16, "big")
    told = [
        Binding(
            kind=Kind.PERSON,
            address=address,
            name=name,
            since=since,
            until=until,
            source="dhcp",
            confidence=90,
        )
        for name, since, until in (
            ("John", NOON - 3600 * SECOND, NOON + SECOND),
            ("Anna", NOON + SECOND, NOON + 60 * SECOND),
            ("Nobody", NOON + 3600 * SECOND, None),
        )
    ]
    append(lake, told, NOON)
    return lake


def test_sections_in_order(known: Lake) -> None:
    answer = profile(known, Query(filter=f"addr {LAPTOP}"), NOON)
    sections = list(dict.fromkeys(row["section"] for row in answer.data))
    assert sections == ["identity", "addresses", "peers", "activity"]
    assert [column["name"] for column in answer.columns] == [column.name for column in COLUMNS]
    assert all(list(row) == list(answer.data[0]) for row in answer.data)
    assert answer.totals == {"bytes": 15, "bytes_up": 10, "bytes_down": 0, "flows": 2}


def test_identity_has_the_names_of_its_time(known: Lake) -> None:
    rows = profile(known, Query(filter=f"addr {LAPTOP}"), NOON).data
    people = [row for row in rows if row["section"] == "identity" and row["detail"].startswith("person")]
    assert [(row["name"], row["since"], row["until"]) for row in people] == [
        ("John", "2026-01-01T11:00:00.000000000Z", "2026-01-01T12:00:01.000000000Z"),
        ("Anna", "2026-01-01T12:00:01.000000000Z", "2026-01-01T12:01:00.000000000Z"),
    ]
    assert {row["address"] for row in people} == {LAPTOP}


def test_activity_is_by_the_clock_on_the_wall(lake: Lake) -> None:
    """The first of January 2026 is a Thursday."""
    for zone, hour in (("UTC", "Thu 12"), ("Europe/Berlin", "Thu 13"), ("Pacific/Auckland", "Fri 01")):
        rows = profile(lake, Query(filter=f"addr {LAPTOP}", time_zone=zone), NOON).data
        assert [(row["name"], row["bytes"]) for row in rows if row["section"] == "activity"] == [(hour, 15)]


def test_each_hour_of_the_week_is_one_cell(tmp_path: Path) -> None:
    week = 7 * 86_400 * SECOND
    rows = [
        {"received": NOON, "start": NOON + n * week, "end": NOON + n * week, "src_addr": LAPTOP, "bytes": 1}
        for n in range(3)
    ]
    answer = profile(make_lake(tmp_path / "lake", rows), Query(), NOON)
    assert [row["bytes"] for row in answer.data if row["section"] == "activity"] == [3]


def test_a_profile_has_its_own_order(lake: Lake) -> None:
    with pytest.raises(QuestionError, match="order"):
        profile(lake, Query(order="bytes"), NOON)


def test_an_empty_lake_has_nothing_to_tell(empty_lake: Lake) -> None:
    assert profile(empty_lake, Query(filter="user John"), NOON).data == []
