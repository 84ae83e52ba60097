from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError
from tidegauge.query.page import cursor_after, place_of
from tidegauge.query.question import Query

RANGE = TimeRange(1, None)


def test_a_cursor_holds_where_a_page_ended() -> None:
    query = Query(filter="tcp", order="bytes")
    cursor = cursor_after(query, RANGE, [(9, "a"), (8, b"\x0a\x00")])
    place = place_of(Query(filter="tcp", order="bytes", cursor=cursor, top=7))
    assert place is not None
    assert (place.since, place.until, place.values, place.shown) == (1, None, (8, "0a00"), 1)


def test_equal_flows_are_counted_across_pages() -> None:
    first = cursor_after(Query(), RANGE, [(1, None), (2, None), (2, None)])
    second = cursor_after(Query(cursor=first), RANGE, [(2, None), (2, None)])
    third = cursor_after(Query(cursor=second), RANGE, [(2, None), (3, None)])
    shown = [place.shown for each in (first, second, third) if (place := place_of(Query(cursor=each)))]
    assert shown == [2, 4, 1]


def test_without_a_cursor_there_is_no_place() -> None:
    assert place_of(Query()) is None


@pytest.mark.parametrize("cursor", ["x", "!", "é", "a" * 50, urlsafe_b64encode(b'["",1]').decode()])
def test_what_is_no_cursor(cursor: str) -> None:
    with pytest.raises(QuestionError, match="is no cursor"):
        place_of(Query(cursor=cursor))


def test_a_cursor_of_another_question() -> None:
    cursor = cursor_after(Query(filter="tcp"), RANGE, [(1,)])
    with pytest.raises(QuestionError, match="another question"):
        place_of(Query(filter="udp", cursor=cursor))
