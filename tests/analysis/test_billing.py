from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.analysis.billing import billing
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

HALF_PAST = NOON + 1800 * SECOND


def flow(begin: int, size: int) -> Row:
    life = {"received": NOON, "start": begin, "end": begin + SECOND}
    return {**life, "exporter": "192.0.2.1", "in_interface": 1, "out_interface": 2, "bytes": size}


@pytest.fixture
def transit(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "lake", [flow(NOON + step * 300 * SECOND, 3_000_000) for step in range(6)])


def test_this_month_so_far(transit: Lake) -> None:
    answer = billing(transit, Query(), HALF_PAST)
    assert (answer.since, answer.until) == (
        "2026-01-01T00:00:00.000000000Z",
        "2026-01-01T12:30:00.000000000Z",
    )
    assert [(row["interface"], row["samples"], row["in_bps"], row["sum_bps"]) for row in answer.data] == [
        (1, 150, 0, 0),
        (2, 150, 0, 0),
    ]
    assert answer.totals == {"samples": 150}


def test_a_range_of_its_own(transit: Lake) -> None:
    answer = billing(transit, Query(since="2026-01-01T12:00Z", order="interface"), HALF_PAST)
    first, second = answer.data
    assert (first["in_bps"], first["out_bps"], second["out_bps"]) == (80_000, 0, 80_000)
    assert (first["percentile"], first["samples_with_traffic"]) == (95.0, 6)


def test_the_month_begins_where_the_clock_on_the_wall_says(empty_lake: Lake) -> None:
    now = instant_from_text("2026-03-31T23:30Z")
    answer = billing(empty_lake, Query(time_zone="Europe/Berlin"), now)
    assert (answer.since, answer.totals["samples"]) == ("2026-03-31T22:00:00.000000000Z", 18)


def test_a_month_that_is_over_ends_where_it_ended(empty_lake: Lake) -> None:
    answer = billing(empty_lake, Query(until="2026-02-01"), instant_from_text("2026-05-01"))
    assert (answer.since, answer.totals["samples"]) == ("2026-01-01T00:00:00.000000000Z", 31 * 288)
