from __future__ import annotations

import pytest

from tidegauge.store.segment import HOUR, Segment, newest_of, segment_path

FLOWS = Segment(table="flows", path="p", received_min=100, received_max=200, start_min=50, end_max=190)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, True),
        (None, 50, False),
        (None, 51, True),
        (201, None, False),
        (200, None, True),
        (120, 130, True),
        (300, 400, False),
    ],
)
def test_a_segment_is_read_only_where_it_may_matter(
    since: int | None, until: int | None, *, expected: bool
) -> None:
    assert FLOWS.may_touch(since, until) is expected


def test_an_unknown_extent_is_always_read() -> None:
    assert Segment(table="flows", path="p").may_touch(1, 2)


def test_arrivals_before_1970_have_a_path() -> None:
    assert segment_path(-HOUR, "day", "import-1", 3, "options") == (
        "segments/1969/12/31/23-day-import-1-3.options.parquet"
    )


def test_the_newest_are_those_that_arrived_last() -> None:
    old, new, open_ = (
        Segment(table="sightings", path=path, rows=rows, received_max=latest)
        for path, rows, latest in (("old", 10, 1), ("new", 10, 2), ("open", 0, None))
    )
    assert newest_of([old, open_, new], 10) == [open_, new]
    assert newest_of([old, open_, new], 11) == [open_, new, old]
