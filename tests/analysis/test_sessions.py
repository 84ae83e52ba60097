from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.analysis.sessions import sessions
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

BY = ("user", "site")


def flow(user: str | None, site: str, begin: int, end: int, down: int, **more: object) -> Row:
    life = {"received": NOON, "start": NOON + begin * SECOND, "end": NOON + end * SECOND}
    ends = {"src_addr": "203.0.113.9", "dst_addr": "10.0.0.1", "src_port": 443, "dst_port": 50_000}
    return {**life, **ends, "user": user, "site": site, "protocol": 6, "bytes": down, "packets": 9, **more}


@pytest.fixture
def morning(tmp_path: Path) -> Lake:
    mail = {"src_addr": "10.0.0.1", "dst_addr": "203.0.113.9", "src_port": 50_000, "dst_port": 587}
    flows = [
        flow("John", "www.youtube.com", 0, 900, 300_000_000),
        flow("John", "www.youtube.com", 1000, 1800, 200_000_000),
        flow("John", "www.youtube.com", 2100, 2160, 1000),
        flow("Sarah", "smtp.example", 60, 62, 18_000, **mail),
        flow(None, "www.acme.example", 5, 6, 700),
    ]
    return make_lake(tmp_path / "lake", flows)


def test_how_often_how_long_and_how_much(morning: Lake) -> None:
    answer = sessions(morning, Query(by=BY), NOON)
    assert answer.data[0] == {
        "user": "John",
        "site": "www.youtube.com",
        "category": answer.data[0]["category"],
        "sessions": 2,
        "seconds": 1860.0,
        "bytes": 500_001_000,
        "bytes_up": 0,
        "bytes_down": 500_001_000,
        "first_seen": "2026-01-01T12:00:00.000000000Z",
        "last_seen": "2026-01-01T12:36:00.000000000Z",
        "mails": None,
        "note": "",
        "sentence": answer.data[0]["sentence"],
    }
    assert [column["name"] for column in answer.columns] == list(answer.data[0])
    assert answer.totals == {"bytes": 500_019_700, "bytes_up": 18_000, "bytes_down": 500_001_700}


def test_each_session_by_itself(morning: Lake) -> None:
    rows = sessions(morning, Query(by=(*BY, "session"), filter="user John"), NOON).data
    assert [(row["start"][11:19], row["end"][11:19], row["bytes"]) for row in rows] == [
        ("12:00:00", "12:30:00", 500_000_000),
        ("12:35:00", "12:36:00", 1000),
    ]


def test_what_cannot_be_known_is_said(morning: Lake) -> None:
    notes = {row["user"]: row["note"] for row in sessions(morning, Query(by=BY), NOON).data}
    assert notes["John"] == ""
    assert notes["Sarah"].startswith("at least so many mails")
    assert "several people" in notes[None]


def test_what_is_left_out_is_in_other(morning: Lake) -> None:
    answer = sessions(morning, Query(by=BY, top=1), NOON)
    assert answer.other == {"bytes": 18_700, "bytes_up": 18_000, "bytes_down": 700}


def test_an_empty_lake_has_no_sessions(empty_lake: Lake) -> None:
    answer = sessions(empty_lake, Query(), NOON)
    assert (answer.data, answer.totals["bytes"], answer.since) == ([], None, None)
