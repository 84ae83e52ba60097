from __future__ import annotations

from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegauge.clock.instant_text import instant_from_text, midnight, zone_from_name, zone_offset
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import QuestionError
from tidegauge.query.parameters import Parameters
from tidegauge.query.ruler import DAY, Ruler, ruler

HOUR = DAY // 24
SPRING, AUTUMN = instant_from_text("2026-03-27T12:00Z"), instant_from_text("2026-10-23T12:00Z")


def lengths(marks: Ruler) -> list[float]:
    """Hours of each listed bucket."""
    return [(end - begin) / HOUR for begin, end in pairwise(marks.edges)]


@pytest.mark.parametrize(
    ("step", "zone", "begin", "expected"),
    [
        (DAY, "Europe/Berlin", SPRING, [24, 24, 23, 24, 24]),
        (DAY, "Europe/Berlin", AUTUMN, [24, 24, 25, 24, 24]),
        (7 * DAY, "Europe/Berlin", SPRING, [167, 168]),
        (6 * HOUR, "Europe/Berlin", SPRING + DAY, [6, 6, 6, 6, 5, 6, 6, 6, 6]),
        (12 * HOUR, "America/New_York", AUTUMN + 8 * DAY, [12, 13, 12, 12, 12, 12, 12, 12]),
        # Lord Howe Island moves its clocks by half an hour.
        (HOUR, "Australia/Lord_Howe", instant_from_text("2026-04-04T13:00Z"), [1, 1.5, 1]),
    ],
)
def test_buckets_are_as_long_as_the_local_clock_says(
    step: int, zone: str, begin: int, expected: list[float]
) -> None:
    found = lengths(ruler(step, zone, TimeRange(begin, begin + 4 * DAY)))
    assert found[: len(expected)] == expected or found[1 : len(expected) + 1] == expected


def test_a_day_that_was_left_out_has_no_bucket() -> None:
    """Samoa went from 29 to 31 December 2011."""
    begin, zone = instant_from_text("2011-12-28T12:00Z"), zone_from_name("Pacific/Apia")
    marks = ruler(DAY, "Pacific/Apia", TimeRange(begin, begin + 5 * DAY))
    begins = [marks.begin(marks.bucket(begin + days * DAY)) for days in range(5)]
    assert begins == [midnight(begin + days * DAY, zone) for days in range(5)]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Europe/Berlin"])
def test_steps_that_no_change_disturbs_are_even(zone: str) -> None:
    marks = ruler(HOUR // 4, zone, TimeRange(SPRING, SPRING + 4 * DAY))
    assert marks.edges == ()
    assert (marks.begin(marks.bucket(SPRING)) + zone_offset(SPRING, zone_from_name(zone))) % (HOUR // 4) == 0


@given(
    st.sampled_from([(DAY, "Europe/Berlin"), (7 * DAY, "America/New_York"), (6 * HOUR, "Europe/London"),
                     (HOUR, "Australia/Lord_Howe"), (DAY, "Pacific/Apia"), (HOUR, "UTC")]),
    st.integers(0, 20_000), st.integers(0, 400), st.lists(st.integers(0, 399 * DAY), min_size=1, max_size=20),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_sql_finds_the_bucket_that_the_definition_does(
    drawn: tuple[int, str], day: int, days: int, ages: list[int]
) -> None:
    step, zone = drawn
    begin, end = day * DAY, (day + days) * DAY + HOUR
    marks, parameters = ruler(step, zone, TimeRange(begin, end)), Parameters()
    instants = sorted({begin + age % (end - begin) for age in ages})
    bucket = marks.bucket_sql("instant", parameters)
    start = marks.begin_sql("bucket", parameters)
    sql = f"SELECT instant, bucket, {start} FROM (SELECT instant, {bucket} AS bucket FROM drawn) ORDER BY 1"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE drawn AS SELECT unnest(?::BIGINT[]) AS instant", [instants])
        found = connection.execute(sql, parameters.values).fetchall()
    assert found == [(each, marks.bucket(each), marks.begin(marks.bucket(each))) for each in instants]
    for each, number, first in found:
        assert first <= each < marks.begin(number + 1)


def test_the_same_buckets_earlier() -> None:
    marks = ruler(HOUR, "UTC", TimeRange(SPRING, SPRING + DAY))
    earlier = marks.shifted(lambda instant: instant - DAY)
    assert earlier.begin(marks.bucket(SPRING)) == marks.begin(marks.bucket(SPRING)) - DAY


def test_a_range_of_too_many_uneven_buckets() -> None:
    with pytest.raises(QuestionError, match="a million buckets"):
        ruler(HOUR, "Australia/Lord_Howe", TimeRange(0, 2**62))
