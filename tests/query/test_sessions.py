"""Sessions against what a walk through the flows in order finds, and what is said about mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.running import NOBODY, run
from tests.sample_lake import NOON, SECOND, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.flow.spreading import share
from tidegauge.query.error import QuestionError
from tidegauge.query.intervals import PAUSE
from tidegauge.query.question import Query
from tidegauge.query.sessions import SMALLEST_MAIL_BYTES, sessions

LAPTOP, SERVER = "192.168.10.17", "142.250.110.109"
EVER = TimeRange()

drawn = st.tuples(st.sampled_from(["John", "Anna", None]), st.integers(0, 3000), st.integers(0, 900))


def flow(user: str | None, begin: int, end: int, **more: object) -> Row:
    """A flow whose user the exporter told; begin and end in seconds after noon."""
    life = {"start": NOON + begin * SECOND, "end": NOON + end * SECOND}
    ends = {"src_addr": LAPTOP, "dst_addr": SERVER, "src_port": 50_000, "dst_port": 443, "protocol": 6}
    return {**life, **ends, "user": user, "bytes": 1000, "packets": 5, **more}


def found(
    query: Query,
    flows: Sequence[Row],
    time_range: TimeRange = EVER,
    known: Mapping[str, Sequence[tuple[Any, ...]]] = NOBODY,
    *,
    is_each: bool = False,
) -> list[dict[str, Any]]:
    statement = sessions(query, time_range, is_each=is_each)
    names = [column.name for column in statement.columns]
    return [dict(zip(names, row, strict=True)) for row in run(statement, flows, known)]


def by_hand(flows: Sequence[Row], since: int, until: int) -> list[tuple[str | None, int, int, int]]:
    """User, begin, end and bytes of each session, by a walk through each person's flows in order."""
    walked: list[list[Any]] = []
    inside = [each for each in flows if each["start"] < until and each["end"] >= since]
    for each in sorted(inside, key=lambda each: (each["user"] or "", each["start"], each["end"])):
        begin, end = max(each["start"], since), min(each["end"], until)
        size = share(each["bytes"], each["start"], each["end"], since, until)
        if walked and walked[-1][0] == each["user"] and begin - walked[-1][2] < PAUSE:
            walked[-1][2] = max(walked[-1][2], end)
            walked[-1][3] += size
        else:
            walked.append([each["user"], begin, end, size])
    return [(user, begin, end, size) for user, begin, end, size in walked]


@given(st.lists(drawn, max_size=10), st.integers(0, 2000), st.integers(1, 2000))
@settings(max_examples=50, deadline=None)
def test_sessions_are_what_a_walk_in_order_finds(
    spans: list[tuple[str | None, int, int]], since: int, width: int
) -> None:
    flows = [flow(user, begin, begin + length) for user, begin, length in spans]
    time_range = TimeRange(NOON + since * SECOND, NOON + (since + width) * SECOND)
    assert time_range.since is not None
    assert time_range.until is not None
    rows = found(Query(by=("user",), top=0), flows, time_range, is_each=True)
    expected = by_hand(flows, time_range.since, time_range.until)
    assert sorted((row["user"] or "", row["start"], row["end"], row["bytes"]) for row in rows) == sorted(
        (user or "", *rest) for user, *rest in expected
    )
    groups = {row["user"]: row for row in found(Query(by=("user",), top=0), flows, time_range)}
    assert {user: (row["sessions"], row["seconds"]) for user, row in groups.items()} == {
        user: (
            sum(each[0] == user for each in expected),
            pytest.approx(sum(each[2] - each[1] for each in expected if each[0] == user) / SECOND),
        )
        for user in {each[0] for each in expected}
    }


def test_two_connections_at_once_are_one_presence() -> None:
    [row] = found(Query(by=("user",)), [flow("John", 0, 1800), flow("John", 600, 1200)])
    assert (row["sessions"], row["seconds"], row["bytes"]) == (1, 1800.0, 2000)
    assert (row["first_seen"], row["last_seen"]) == (NOON, NOON + 1800 * SECOND)


def test_both_directions_of_a_record_count_and_tell_up_from_down() -> None:
    [row] = found(Query(by=("user",)), [flow("John", 0, 60, reverse_bytes=9000, reverse_packets=9)])
    assert (row["bytes"], row["bytes_up"], row["bytes_down"]) == (10_000, 1000, 9000)


SMTP = {"dst_port": 587, "bytes": 18_000}
ANSWER = {"src_addr": SERVER, "dst_addr": LAPTOP, "src_port": 587, "dst_port": 50_000, "bytes": 4000}


def test_each_connection_that_hands_in_mail_counts_once() -> None:
    slices = [flow("Sarah", 0, 60, **SMTP), flow("Sarah", 60, 70, **SMTP), flow("Sarah", 0, 70, **ANSWER)]
    second = flow("Sarah", 100, 101, src_port=50_001, **SMTP)
    assert [row["mails"] for row in found(Query(by=("user",)), [*slices, second])] == [2]


@pytest.mark.parametrize(
    "other",
    [
        {"bytes": SMALLEST_MAIL_BYTES - 1},
        {"protocol": 17},
        {"dst_port": 993},
        {"src_port": 587, "dst_port": 9},
    ],
)
def test_what_cannot_have_been_a_mail_is_none(other: dict[str, object]) -> None:
    [row] = found(Query(by=("user",)), [flow("Sarah", 0, 1, **{**SMTP, **other})])
    assert row["mails"] is None


@pytest.mark.parametrize("category", ["mail", "webmail"])
def test_webmail_is_told_from_mail_that_can_be_counted(category: str) -> None:
    packed = uuid_text(address_from_text(SERVER))
    known: dict[str, Sequence[tuple[Any, ...]]] = {
        "hosts": [(packed, 0, 2 * NOON, "mail.example", "ptr")],
        "site_services": [("mail.example", "Example Mail", category)],
    }
    flows = [flow("John", 0, 10), flow("John", 1000, 1010)]
    [row] = found(Query(), flows, known=known)
    assert (row["service"], row["category"]) == ("Example Mail", category)
    assert (row["sessions"], row["mails"], row["webmail_sessions"]) == (2, None, 2)


def test_mail_by_its_own_protocols_is_no_webmail() -> None:
    packed = uuid_text(address_from_text(SERVER))
    known: dict[str, Sequence[tuple[Any, ...]]] = {
        "hosts": [(packed, 0, 2 * NOON, "mail.example", "ptr")],
        "site_services": [("mail.example", "Example Mail", "mail")],
    }
    [row] = found(Query(), [flow("Sarah", 0, 1, **SMTP)], known=known)
    assert (row["mails"], row["webmail_sessions"]) == (1, 0)


def test_nothing_is_looked_up_that_the_question_does_not_speak_of() -> None:
    assert "site_service" not in sessions(Query(by=("src_addr",)), EVER).lookups
    assert "site_service" in sessions(Query(), EVER).lookups


def test_the_category_is_given_once_when_it_is_asked_for() -> None:
    names = [column.name for column in sessions(Query(by=("service", "category")), EVER).columns]
    assert names.count("category") == 1


def test_what_sessions_cannot_be_ordered_by() -> None:
    with pytest.raises(QuestionError, match="packets"):
        sessions(Query(order="packets"), EVER)
