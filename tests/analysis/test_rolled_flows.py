from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.answer import Answer
from tidegauge.analysis.series import series
from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.question import Query
from tidegauge.store import rollup
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.retention import apply_retention
from tidegauge.store.verification import verify_segments

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
DAY = 24 * HOUR
FIELDS = (
    "src_addr", "dst_addr", "src_addr/24", "src_port", "dst_port", "protocol", "tos", "src_as", "dst_as",
    "in_interface", "out_interface", "vlan", "exporter",
)  # fmt: skip
FILTERS = {
    "src_addr": "src net 10.0.0.0/24 or not exporter 192.0.2.1", "vlan": "vlan 4095",
    "src_addr/24": "src_addr in [10.0.0.1, ffff::]", "dst_addr": "exporter 192.0.2.1",
    "src_port": "not src port 53", "protocol": "not tcp",
    "exporter": "dst port 1 or dst port 2", "in_interface": "in_interface 1 and observation_domain 7",
    "dst_as": "not dst_as 1", "tos": "tos > 0",
}  # fmt: skip
METRICS = (("bytes", "packets", "flows"), ("flows",), ("packets", "share"), ("bytes", "cumulative_share"))
LEDGER = {"exporter": "192.0.2.1", "observation_domain": 0}
SEGMENTS, FLOWS_IN_SEGMENT, LAKES, QUESTIONS = 5, 60, 2, 10


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "LEAST_ROWS", 1)


def roll_up(lake: Lake) -> int:
    return rollup.roll_up(lake, NOON + DAY, budget_bytes=1 << 30)


def asked(lake: Lake, ask: Callable[[Lake, Query, int], Answer], query: Query) -> tuple[Answer, Answer]:
    """The answer with rollups in use, and that of the flows alone."""
    return asked_of(lake, ask, query), asked_of(lake, ask, query, has_rollups=False)


def asked_of(
    lake: Lake, ask: Callable[[Lake, Query, int], Answer], query: Query, *, has_rollups: bool = True
) -> Answer:
    opened = Lake.open(lake.path)
    opened.has_rollups = has_rollups
    return ask(opened, query, NOON)


def same(answer: Answer, query: Query) -> Answer:
    """The answer without what was looked at, by which an open end is told where a filter leaves less."""
    answer = msgspec.structs.replace(answer, stats={})
    is_open = query.filter and not (query.since and query.until)
    return msgspec.structs.replace(answer, since=None, until=None) if is_open else answer


def drawn_flow(random: Random, hour: int) -> Row:
    """A flow that arrived within an hour; now and then an odd one."""
    received = NOON + hour * HOUR + random.randrange(HOUR)
    end = received - random.randrange(3 * MINUTE)
    length = random.choice((0, 0, random.randrange(MINUTE), random.randrange(2 * HOUR), -5 * SECOND))
    if random.random() < 0.03:
        length = random.choice((DAY, 3 * DAY, 20_000 * DAY))
    if random.random() < 0.2:
        end = end // HOUR * HOUR
    counter = random.choice((None, 0, 1, random.randrange(10_000), random.randrange(1 << 45)))
    flow = {
        "received": received, "end": end, "start": end - length, "bytes": counter, "exporter": "192.0.2.1",
        "packets": random.choice((None, 1, random.randrange(90))), "dst_port": random.randrange(4),
        "observation_domain": random.choice((0, 0, 7)), "src_port": random.choice((53, 443, 65535)),
        "protocol": random.choice((6, 17, None)), "tos": random.choice((0, 184)),
        "src_addr": random.choice(("10.0.0.1", "10.0.0.2", "10.0.1.1", "2001:db8::1", "ffff::", None)),
        "dst_addr": f"198.51.100.{random.randrange(5)}", "src_as": random.choice((0, 64512, 2**32 - 1)),
        "dst_as": random.choice((None, 1)), "in_interface": random.randrange(3),
        "vlan": random.choice((None, 4095)),
    }  # fmt: skip
    told = {name: value for name, value in flow.items() if value is not None and random.random() < 0.97}
    return told | {"received": received}


def drawn_lake(path: Path, random: Random) -> Lake:
    """Some segments with a rollup, one without, and a ledger that tells of losses."""
    lake = make_lake(path)
    for hour in range(SEGMENTS):
        add_segment(lake, "flows", [drawn_flow(random, hour - 3) for _ in range(FLOWS_IN_SEGMENT)])
    assert roll_up(lake) == SEGMENTS
    assert all(each.rollup and each.rollup.path for each in lake.manifest().segments)
    add_segment(lake, "flows", [drawn_flow(random, 1) for _ in range(FLOWS_IN_SEGMENT // 2)])
    minutes = range(-200, 120, 3)
    told = [{"minute": NOON + minute * MINUTE, "stored": 10, "lost_queue": minute % 7} for minute in minutes]
    add_segment(lake, "ledger", [row | {"exporter": "192.0.2.1", "observation_domain": 0} for row in told])
    return lake


def drawn_range(random: Random) -> tuple[str | None, str | None]:
    def end() -> str | None:
        unit = random.choice((HOUR, HOUR, MINUTE, 1))
        instant = NOON + random.randrange(-5 * HOUR, 3 * HOUR)
        return random.choice((None, text_from_instant(instant // unit * unit)))

    since, until = end(), end()
    if since and until and since >= until:
        since, until = (None, until) if since == until else (until, since)
    return since, until


def drawn_ranking(random: Random) -> Query:
    since, until = drawn_range(random)
    metrics = random.choice(METRICS)
    names = [name for name in metrics if "share" not in name]
    order = random.choice(("", *(f"{name}:{way}" for name in names for way in ("asc", "desc"))))
    field = random.choice(FIELDS)
    return Query(
        by=(field, "exporter") if field != "exporter" and random.random() < 0.2 else (field,),
        filter=FILTERS.get(field, "") if random.random() < 0.6 else "",
        metrics=metrics, order=order, top=random.choice((0, 1, 3)),
        having=random.choice(("", "", f"{names[0]} > 10")), duplicates="all", since=since, until=until,
    )  # fmt: skip


def drawn_series(random: Random) -> Query:
    since, until = drawn_range(random)
    fill = random.random() < 0.2 and since is not None
    return Query(
        by=random.choice(((), ("exporter",), ("observation_domain",))), fill=fill,
        step=random.choice((None, "5m", "1h", "1d")), top=random.choice((None, 1)), duplicates="all",
        filter="observation_domain = 0" if since and until and random.random() < 0.5 else "",
        metrics=random.choice(METRICS[:2]), time_zone=random.choice(("UTC", "Asia/Kathmandu")),
        since=since, until=until,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "drawn"), [(top, drawn_ranking), (series, drawn_series)], ids=["top", "series"]
)
def test_rollups_answer_as_the_flows_do_to_the_byte(
    tmp_path: Path, ask: Callable[[Lake, Query, int], Answer], drawn: Callable[[Random], Query]
) -> None:
    random = Random(7)
    used = 0
    for number in range(LAKES):
        lake = drawn_lake(tmp_path / str(number), random)
        for _ in range(QUESTIONS):
            query = drawn(random)
            rolled, read = asked(lake, ask, query)
            assert same(rolled, query) == same(read, query), query
            used += "rollup_rows" in rolled.stats
    assert used > LAKES * QUESTIONS // 3


def lake_of_hours(path: Path, random: Random) -> Lake:
    """A segment with its rollup for each hour, and a ledger that counts the flows of each minute."""
    lake = make_lake(path)
    for hour in range(SEGMENTS):
        rows = [drawn_flow(random, hour - 3) for _ in range(FLOWS_IN_SEGMENT)]
        add_segment(lake, "flows", rows)
        arrivals = Counter(row["received"] // MINUTE * MINUTE for row in rows)
        add_segment(
            lake, "ledger", [LEDGER | {"minute": at, "stored": count} for at, count in arrivals.items()]
        )
    assert roll_up(lake) == SEGMENTS
    return lake


def age(lake: Lake) -> None:
    """Have the flows of the first three hours go."""
    lake.retention = Retention(flows=HOUR)
    gone = apply_retention(lake, NOON + HOUR)
    assert len(gone) == 3 == len(lake.manifest().history)


@pytest.mark.parametrize(
    ("ask", "drawn"), [(top, drawn_ranking), (series, drawn_series)], ids=["top", "series"]
)
def test_sums_answer_as_flows_did_that_are_gone(
    tmp_path: Path, ask: Callable[[Lake, Query, int], Answer], drawn: Callable[[Random], Query]
) -> None:
    random = Random(3)
    lake = lake_of_hours(tmp_path / "lake", random)
    questions = [drawn(random) for _ in range(QUESTIONS)]
    before = [asked_of(lake, ask, query, has_rollups=False) for query in questions]
    age(lake)
    used = 0
    for query, read in zip(questions, before, strict=True):
        told = asked_of(lake, ask, query)
        sentences = [warning for warning in told.warnings if "hourly sums alone" in warning]
        assert not any("do not tell" in sentence for sentence in sentences), (query, sentences)
        if any("left out" in sentence for sentence in sentences):
            assert all((told.totals[name] or 0) <= (read.totals[name] or 0) for name in told.totals), query
            continue
        left = [warning for warning in told.warnings if warning not in sentences]
        assert same(msgspec.structs.replace(told, warnings=left), query) == same(read, query), query
        used += bool(sentences)
    assert used > QUESTIONS // 5


def test_what_sums_do_not_tell_is_said_with_what_they_tell(tmp_path: Path) -> None:
    lake = lake_of_hours(tmp_path / "lake", Random(3))
    age(lake)
    since = text_from_instant(NOON - 3 * HOUR)
    answer = top(Lake.open(lake.path), Query(by=("application",), since=since, duplicates="all"), NOON)
    assert answer.completeness["reasons"]["removed"] == 3 * FLOWS_IN_SEGMENT
    [told] = [warning for warning in answer.warnings if "sums" in warning]
    assert told.startswith(f"{3 * FLOWS_IN_SEGMENT} flows that arrived before 2026-01-01T1")
    assert "top by exporter, src_addr," in told
    late = top(
        Lake.open(lake.path), Query(by=("application",), since=text_from_instant(NOON + 90 * DAY)), NOON
    )
    assert not any("sums" in warning for warning in late.warnings)


def test_hours_of_history_that_the_range_cuts_are_left_out(tmp_path: Path) -> None:
    rows = [
        {"received": NOON + at, "start": NOON + at, "end": NOON + at, "bytes": 7, "src_port": 443}
        for at in (5, HOUR + 5)
    ]
    lake = make_lake(
        tmp_path / "lake", rows, [LEDGER | {"minute": NOON + at, "stored": 1} for at in (0, HOUR)]
    )
    assert roll_up(lake) == 1
    lake.retention = Retention(flows=HOUR)
    assert apply_retention(lake, NOON + DAY)
    answer = top(Lake.open(lake.path), Query(by=("src_port",), since=text_from_instant(NOON + 9)), NOON)
    assert [row["bytes"] for row in answer.data] == [7]
    assert (answer.completeness["fraction"], answer.completeness["reasons"]) == (0.5, {"removed": 1})
    assert answer.warnings[0].endswith("the hours that the range cuts are left out")


@pytest.mark.parametrize("damage", ["missing", "cut", "torn"])
def test_without_its_file_questions_read_the_flows_until_it_is_made_anew(tmp_path: Path, damage: str) -> None:
    flow = {"received": NOON, "start": NOON, "end": NOON + SECOND, "bytes": 5, "src_port": 443}
    lake = make_lake(tmp_path / "lake", [flow, flow | {"src_port": 80}])
    assert roll_up(lake) == 1
    [segment] = [each for each in lake.manifest().segments if each.table == "flows"]
    assert segment.rollup
    path = lake.path / segment.rollup.path
    whole = path.read_bytes()
    path.write_bytes({"missing": b"", "cut": whole[:-9], "torn": b"PAR1" + bytes(len(whole) - 4)}[damage])
    if damage == "missing":
        path.unlink()
    query = Query(by=("src_port",), order="bytes")
    answer = lake.around_damage(lambda: top(lake, query, NOON))
    assert sorted((row["src_port"], row["bytes"]) for row in answer.data) == [(80, 5), (443, 5)]
    assert answer.completeness["fraction"] == 1.0
    assert "rollup_files" not in answer.stats
    with lake.generation() as generation:
        [problem] = [found for _, found in verify_segments(lake, generation, quick=False) if found]
    assert (problem.path, problem.table) == (segment.rollup.path, "rollups")
    assert "nothing is missing" in problem.remedy
    if damage == "torn":  # its size betrays nothing, so who stumbled over it moved it away
        assert (lake.path / "damaged/rollups" / path.name).exists()
        assert not lake.faults
    assert roll_up(lake) == 1
    assert path.read_bytes() == whole
