"""Sums, and flows as they told, in place of flows put right: held against the answers of each put right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import pytest

from tests.analysis.test_rolled_flows import same
from tests.clocked_exporter import DECEMBER, HOUR, SECOND, ClockedExporter
from tidegauge._core import Decoder
from tidegauge.analysis import top as top_module
from tidegauge.analysis.answer import Answer
from tidegauge.analysis.clock_reach import ANYWHERE, Reach
from tidegauge.analysis.moved_flows import Moved, near_ends
from tidegauge.analysis.series import series
from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.question import Query
from tidegauge.store import rollup
from tidegauge.store.engines import duckdb as duckdb_engine
from tidegauge.store.lake import Lake
from tidegauge.store.load import Load
from tidegauge.store.segment import Rollup

MINUTE = 60 * SECOND
LOADS, LENGTH = 6, 30 * MINUTE
NOW = DECEMBER + LOADS * LENGTH
STEP = DECEMBER + 70 * MINUTE
RIGHT = ClockedExporter(address="192.0.2.1", version="ipfix", offsets=[(DECEMBER, 0)])
FAST = ClockedExporter(address="192.0.2.2", version="ipfix", offsets=[(DECEMBER, 300 * SECOND)])
SLOW = ClockedExporter(address="192.0.2.3", version="ipfix", offsets=[(DECEMBER, -20 * MINUTE)])
FAST_AGES = ClockedExporter(address="192.0.2.4", version="netflow9", offsets=[(DECEMBER, 300 * SECOND)])
SLOW_AGES = ClockedExporter(address="192.0.2.5", version="netflow9", offsets=[(DECEMBER, -SECOND * 4 // 10)])
SET = ClockedExporter(
    address="192.0.2.6", version="ipfix", offsets=[(DECEMBER, 300 * SECOND), (STEP, -300 * SECOND)]
)
STRAY = ClockedExporter(
    address="192.0.2.7", version="netflow9",
    offsets=[(DECEMBER, 300 * SECOND), (STEP, 9 * HOUR), (STEP + 3 * SECOND, 300 * SECOND)],
)  # fmt: skip
GROUPS = {
    "fast": [FAST], "slow": [SLOW], "fast ages": [FAST_AGES], "slow ages": [SLOW_AGES], "set": [SET],
    "stray": [STRAY], "mixed": [RIGHT, FAST, SLOW_AGES], "right": [RIGHT],
}  # fmt: skip
QUESTIONS = 6
CLOSE = 1
"""Flows that end or begin as a range does, within what is known of the clock."""


@pytest.fixture(autouse=True)
def _small_lakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "LEAST_ROWS", 1)
    monkeypatch.setattr(duckdb_engine, "LEAST_ROWS", 1)


def loaded(path: Path, exporters: Iterable[ClockedExporter], rolled: int = LOADS - 1) -> Lake:
    """A lake with a file for each half hour of arrivals; so many have sums."""
    lake, heard = Lake.create(path), []
    for number, exporter in enumerate(exporters):
        made, _ = exporter.exports(DECEMBER, NOW, 16 * SECOND, Random(number))
        datagrams = sorted(made, key=lambda each: each[1])
        heard.append((Decoder(writer="clocked"), exporter.address, datagrams))
    for place in range(LOADS):
        since = DECEMBER + place * LENGTH
        with Load(lake, f"clocked{place}") as load:
            for decoder, address, datagrams in heard:
                for datagram, arrival in datagrams:
                    if since <= arrival < since + LENGTH:
                        decoder.feed(datagram, address, 2055, arrival)
                load.append(decoder.drain())
            load.commit(DECEMBER)
        if place == rolled - 1:
            assert rollup.roll_up(lake, NOW + 48 * HOUR, budget_bytes=1 << 30) == rolled
    return lake


def drawn(random: Random) -> Query:
    def end() -> str | None:
        unit = random.choice((HOUR, LENGTH, MINUTE, 1))
        instant = DECEMBER + random.randrange(-HOUR, 4 * HOUR)
        return random.choice((None, text_from_instant(instant // unit * unit)))

    since, until = end(), end()
    if since and until and since >= until:
        since, until = (None, until) if since == until else (until, since)
    by, words = random.choice(
        (("src_addr", ""), ("dst_port", ""), ("exporter", ""), ("protocol", "udp"), ("tcp_flags", ""))
    )
    metrics = random.choice((("bytes", "packets", "flows"), ("flows", "share"), ("bytes", "distinct_bytes")))
    return Query(by=(by,), filter=words, metrics=metrics, since=since, until=until, duplicates="all")


def put_right(monkeypatch: pytest.MonkeyPatch, lake: Lake, query: Query) -> Answer:
    """The answer of flows that are put right one by one."""
    with monkeypatch.context() as patched:
        patched.setattr(top_module, "is_timeless", lambda _: False)
        return asked(lake, query, has_rollups=False)


def asked(lake: Lake, query: Query, *, has_rollups: bool = True) -> Answer:
    opened = Lake.open(lake.path)
    opened.has_rollups = has_rollups
    return top(opened, query, NOW)


@pytest.mark.parametrize("name", GROUPS)
def test_answers_are_those_of_each_flow_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    random = Random(name)
    lake = loaded(tmp_path / "lake", GROUPS[name], LOADS - random.randrange(2))
    used = 0
    for query in (Query(by=("src_addr",), duplicates="all"), *(drawn(random) for _ in range(QUESTIONS))):
        answer = asked(lake, query)
        expected = same(put_right(monkeypatch, lake, query), query)
        assert same(answer, query) == expected, query
        assert same(asked(lake, query, has_rollups=False), query) == expected, query
        used += "rollup_rows" in answer.stats
    assert used


BORDERS: Sequence[tuple[str, list[ClockedExporter]]] = [
    ("fast", [FAST]),
    ("slow", [SLOW]),
    ("mixed", GROUPS["mixed"]),
]


@pytest.mark.parametrize(("name", "exporters"), BORDERS)
def test_flows_that_a_clock_moves_over_an_hour_count_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, exporters: list[ClockedExporter]
) -> None:
    lake = loaded(tmp_path / name, exporters)
    for hours in ((0, 1), (1, 2), (1, None), (None, 1), (None, 2), (0, 9)):
        since, until = (None if each is None else text_from_instant(DECEMBER + each * HOUR) for each in hours)
        query = Query(by=("src_addr",), since=since, until=until, duplicates="all")
        answer, expected = asked(lake, query), put_right(monkeypatch, lake, query)
        assert same(answer, query) == same(expected, query), hours
        assert "rollup_rows" in answer.stats or hours in ((0, 1), (1, 2), (None, 1)), hours
        assert answer.stats["rows"] < expected.stats["rows"] or "rollup_rows" not in answer.stats


@pytest.mark.parametrize("exporter", [FAST, SLOW, FAST_AGES])
@pytest.mark.parametrize("has_rollups", [True, False])
def test_flows_count_where_they_truly_were_also_those_that_arrived_before(
    tmp_path: Path, exporter: ClockedExporter, has_rollups: bool
) -> None:
    lake = loaded(tmp_path / "lake", [exporter])
    _, lives = exporter.exports(DECEMBER, NOW, 16 * SECOND, Random(0))
    for begin, end in ((60, 120), (60, None), (90, 150), (None, 60)):
        since, until = (None if each is None else DECEMBER + each * MINUTE for each in (begin, end))
        lived = [
            (first, last)
            for first, last in lives
            if (since is None or last >= since) and (until is None or first < until)
        ]
        texts = [None if each is None else text_from_instant(each) for each in (since, until)]
        query = Query(by=("exporter",), since=texts[0], until=texts[1], duplicates="all")
        [row] = asked(lake, query, has_rollups=has_rollups).data
        assert abs(row["flows"] - len(lived)) <= CLOSE, (begin, end)


def test_a_question_of_all_times_puts_few_flows_right(tmp_path: Path) -> None:
    lake = loaded(tmp_path / "lake", [FAST])
    answer = asked(lake, Query(by=("src_addr",)))
    [whole] = answer.data
    read = asked(lake, Query(by=("src_addr",), filter="clock_correction > 0"))
    assert whole["flows"] == read.totals["flows"]
    assert answer.stats["rollup_files"] == LOADS - 1
    assert answer.stats["rows"] < read.stats["rows"] / 2
    assert answer.clock == read.clock
    assert (answer.since, answer.until) == (read.since, read.until)


def test_series_read_flows_that_are_put_right(tmp_path: Path) -> None:
    lake = loaded(tmp_path / "lake", [FAST])
    query = Query(step="1h", since=text_from_instant(DECEMBER), until=text_from_instant(NOW))
    opened = Lake.open(lake.path)
    opened.has_rollups = False
    told, read = series(Lake.open(lake.path), query, NOW), series(opened, query, NOW)
    assert told.data == read.data
    assert told.data
    assert told.stats["rows"] == read.stats["rows"]
    assert "rollup_rows" not in told.stats


def moved(first: int, last: int, reach: Reach) -> Moved:
    return Moved("", Rollup(first=first, last=last), reach)


@pytest.mark.parametrize(
    ("since", "until", "is_inside", "is_outside"),
    [
        (None, None, True, False),
        (90, 206, True, False),
        (91, None, False, False),
        (None, 205, False, False),
        (206, None, False, True),
        (205, None, False, False),
        (None, 90, False, True),
        (None, 91, False, False),
    ],
)
def test_flows_are_inside_a_range_wherever_they_are_put(
    since: int | None, until: int | None, is_inside: bool, is_outside: bool
) -> None:
    flows, time_range = moved(100, 200, Reach(-5, 10)), TimeRange(since, until)
    assert (flows.is_inside(time_range), flows.is_outside(time_range)) == (is_inside, is_outside)


def test_where_nobody_knows_how_far_they_move_they_are_inside_of_all_times_alone() -> None:
    flows = moved(DECEMBER, NOW, ANYWHERE)
    assert flows.is_inside(TimeRange())
    assert not flows.is_inside(TimeRange(0, None))
    assert not flows.is_outside(TimeRange(None, 0))
    assert near_ends(TimeRange(DECEMBER, NOW), ANYWHERE) == TimeRange()


def test_the_first_and_the_last_told_a_time_near_the_ends() -> None:
    assert near_ends(TimeRange(100, 200), Reach(-5, 10)) == TimeRange(115, 185)
    assert near_ends(TimeRange(), Reach(-5, 10)) == TimeRange()
