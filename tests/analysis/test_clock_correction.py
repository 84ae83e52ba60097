"""Flow times put right: every corrected time is held against when the flow really was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clocked_exporter import BYTES_OF_FIRST, DECEMBER, HOUR, SECOND, ClockedExporter, Life, clocked_lake
from tidegauge.analysis.clock_correction import NONE, Corrections, corrections, proof
from tidegauge.analysis.clock_plan import Policy
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.stretch import Stretch
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.flow.clock_stretch import ClockStretch
from tidegauge.query.question import Query
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake

MILLISECOND = 1_000_000
MINUTE = 60 * SECOND
NOW = DECEMBER + HOUR
STEP = DECEMBER + 900 * SECOND

RIGHT = ClockedExporter(address="192.0.2.1", version="ipfix", offsets=[(DECEMBER, 0)])
FAST = ClockedExporter(address="192.0.2.2", version="ipfix", offsets=[(DECEMBER, 300 * SECOND)], skew_ppm=20)
SLOW = ClockedExporter(address="192.0.2.3", version="ipfix", offsets=[(DECEMBER, -300 * SECOND)])
SLOW_AGES = ClockedExporter(address="192.0.2.4", version="netflow9", offsets=[(DECEMBER, -300 * SECOND)])
EVEN_AGES = ClockedExporter(
    address="192.0.2.5", version="netflow9", even=True, offsets=[(DECEMBER, 300 * SECOND)]
)
SET_BACK = ClockedExporter(
    address="192.0.2.6", version="ipfix", offsets=[(DECEMBER, 300 * SECOND), (STEP, 0)]
)
SET_AHEAD = ClockedExporter(
    address="192.0.2.7", version="ipfix", offsets=[(DECEMBER, -300 * SECOND), (STEP, 0)]
)
SET_AGES = ClockedExporter(
    address="192.0.2.8", version="netflow9", offsets=[(DECEMBER, 300 * SECOND), (STEP, -300 * SECOND)]
)
TWO_CLOCKS = ClockedExporter(
    address="192.0.2.9", version="ipfix", offsets=[(DECEMBER, 300 * SECOND)], record_offsets=[(DECEMBER, 0)]
)
NEARLY_RIGHT = ClockedExporter(address="192.0.2.10", version="ipfix", offsets=[(DECEMBER, 2 * MILLISECOND)])
ALL = [
    RIGHT, FAST, SLOW, SLOW_AGES, EVEN_AGES, SET_BACK, SET_AHEAD, SET_AGES, TWO_CLOCKS, NEARLY_RIGHT,
]  # fmt: skip


class Told(NamedTuple):
    """A flow as the lake tells it beside its true life; errors and bounds in nanoseconds."""

    start_error: int
    end_error: int
    correction: int | None
    bound: int | None
    true_end: int
    reported_end: int

    @property
    def error(self) -> int:
        return max(abs(self.start_error), abs(self.end_error))


class Clocked(NamedTuple):
    lake: Lake
    truths: Mapping[str, Sequence[Life]]

    def told(self, exporter: ClockedExporter, query: Query | None = None) -> list[Told]:
        """The flows of an exporter."""
        with Reading(self.lake, query or Query(), NOW) as reading:
            rows = reading.engine.rows(
                'SELECT CAST(exporter AS BLOB), bytes, epoch_ns(start), epoch_ns("end"), clock_correction,'
                " clock_bound FROM flows"
            )
        lives = self.truths[exporter.address]
        return [
            Told(start - life[0], end - life[1], correction, bound, life[1], end + (correction or 0))
            for address, number, start, end, correction, bound in rows
            if text_from_address(address) == exporter.address
            for life in [lives[number - BYTES_OF_FIRST]]
        ]


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> Clocked:
    return Clocked(*clocked_lake(tmp_path_factory.mktemp("clocked") / "lake", ALL))


def whole(told: Sequence[Told]) -> list[Told]:
    """Those whose life was not interrupted by a step: only of these start and end have one clock."""
    return [each for each in told if abs(each.start_error - each.end_error) < SECOND]


def median(errors: Sequence[int]) -> int:
    return sorted(errors)[len(errors) // 2]


@pytest.mark.parametrize(
    ("exporter", "typical", "largest"),
    [(FAST, 3, 6), (SLOW, 3, 6), (SLOW_AGES, 6, 60), (EVEN_AGES, 10, 20)],
)
def test_a_wrong_clock_is_put_right_to_milliseconds_and_within_its_bound(
    clocked: Clocked, exporter: ClockedExporter, typical: int, largest: int
) -> None:
    told = clocked.told(exporter)
    assert len(told) == len(clocked.truths[exporter.address])
    assert all(each.correction is not None for each in told)
    assert median([each.error for each in told]) < typical * MILLISECOND
    for each in told:
        assert each.error < largest * MILLISECOND
        assert each.bound is not None
        assert each.error <= each.bound + MILLISECOND, "a record cuts its times to milliseconds"
        assert each.bound < 300 * MILLISECOND


@pytest.mark.parametrize("exporter", [RIGHT, NEARLY_RIGHT, TWO_CLOCKS])
def test_what_is_not_proven_wrong_is_left_alone(clocked: Clocked, exporter: ClockedExporter) -> None:
    told = clocked.told(exporter)
    assert {each.correction for each in told} == {each.bound for each in told} == {None}
    assert max(each.error for each in told) <= 3 * MILLISECOND


@pytest.mark.parametrize("exporter", [SET_BACK, SET_AHEAD])
def test_a_record_keeps_the_clock_of_when_its_flow_ended(clocked: Clocked, exporter: ClockedExporter) -> None:
    told = clocked.told(exporter)
    assert max(abs(each.end_error) for each in told) < 20 * MILLISECOND
    assert {each.correction is None for each in whole(told) if each.true_end < STEP} == {False}
    assert {each.correction is None for each in whole(told) if each.true_end > STEP} == {True}
    late = [each for each in whole(told) if STEP - 15 * SECOND < each.true_end < STEP]
    assert late, "some came after the step and told the time of before it"


@pytest.mark.parametrize("exporter", [SET_BACK, SET_AHEAD])
def test_a_flow_in_whose_life_the_clock_was_set_says_how_far_its_start_may_be_off(
    clocked: Clocked, exporter: ClockedExporter
) -> None:
    torn = [each for each in clocked.told(exporter) if each not in whole([each])]
    assert torn
    for each in torn:
        assert each.bound is not None
        assert each.error <= each.bound + MILLISECOND


@pytest.mark.parametrize(("exporter", "method"), [(FAST, "line"), (SLOW_AGES, "age"), (RIGHT, None)])
def test_how_a_flow_was_put_right_is_told_with_it(
    clocked: Clocked, exporter: ClockedExporter, method: str | None
) -> None:
    query = Query(filter=f"exporter = {exporter.address}", by=("clock_method",))
    assert [row["clock_method"] for row in top(clocked.lake, query, NOW).data] == [method]


def test_ages_are_counted_by_the_clock_of_their_header_however_old_they_are(clocked: Clocked) -> None:
    told = clocked.told(SET_AGES)
    assert len(told) == len(clocked.truths[SET_AGES.address])
    sent_before = [each for each in told if each.reported_end - each.true_end > 0]
    assert sent_before
    assert len(sent_before) < len(told)
    assert max(each.error for each in told) <= 250 * MILLISECOND
    assert median([each.error for each in told]) < 6 * MILLISECOND


def test_reported_times_are_there_beside_the_corrected_ones(clocked: Clocked) -> None:
    for each in clocked.told(FAST):
        told = each.true_end + FAST.offset_at(each.true_end)
        assert 0 <= told - each.reported_end < MILLISECOND, "cut, not rounded"


def test_a_range_finds_flows_by_when_they_were_not_by_what_they_told(clocked: Clocked) -> None:
    since, until = DECEMBER + 200 * SECOND, DECEMBER + 400 * SECOND
    asked = Query(since="2026-12-01T00:03:20", until="2026-12-01T00:06:40")
    for exporter in (FAST, SLOW, SLOW_AGES):
        seen = {each.true_end for each in clocked.told(exporter, asked)}
        meant = {end for start, end in clocked.truths[exporter.address] if end >= since and start < until}
        assert meant <= seen


def test_a_second_reading_finds_what_the_first_worked_out(clocked: Clocked) -> None:
    before = clocked.told(FAST)
    [kept] = (clocked.lake.path / "clock_stretches").glob("*.json")
    assert kept.name == "2026-12-01.json"
    assert clocked.told(FAST) == before
    kept.write_text("torn")
    assert clocked.told(FAST) == before


def policy_lake(path: Path, plan: str, *exporters: ClockedExporter) -> Clocked:
    clocked = Clocked(*clocked_lake(path / "lake", exporters, hours=0.2))
    (clocked.lake.path / "clocks.toml").write_text(plan)
    return clocked


def test_a_plan_may_leave_one_exporter_as_it_told(tmp_path: Path) -> None:
    plan = f'["lab"]\nexporter = "{FAST.address}"\ncorrect = "never"\n'
    clocked = policy_lake(tmp_path, plan, FAST, SLOW)
    assert {each.correction for each in clocked.told(FAST)} == {None}
    assert None not in {each.correction for each in clocked.told(SLOW)}
    (clocked.lake.path / "clocks.toml").write_text('correct = "never"')
    assert {each.correction for each in clocked.told(SLOW)} == {None}


def test_always_corrects_small_errors_too(tmp_path: Path) -> None:
    ages = ClockedExporter(address="192.0.2.11", version="netflow9", offsets=[(DECEMBER, 0)])
    clocked = policy_lake(tmp_path, 'correct = "always"', NEARLY_RIGHT, ages)
    assert median([each.error for each in clocked.told(NEARLY_RIGHT)]) < 2 * MILLISECOND
    # What a header of whole seconds cuts off is half a second on average.
    assert median([each.error for each in clocked.told(ages)]) < 6 * MILLISECOND


def test_a_lake_whose_clocks_are_right_is_corrected_by_nothing(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [RIGHT], hours=0.1)
    with lake.generation() as generation, Engine(generation) as engine:
        found = corrections(engine, lake, generation, TimeRange())
    assert not found.stretches
    assert found.widened(TimeRange(1, 2)) == TimeRange(1, 2)
    assert not (lake.path / "clock_stretches").exists()


def stretch_of(offset: int, width: int | None = 100 * MILLISECOND) -> Stretch:
    return Stretch(0, 10, offset, offset, width, width, SECOND, 0, 0, None, None)


@pytest.mark.parametrize(
    ("offset", "latest_record", "proven"),
    [
        (300, None, (True, False)),
        (300, 299, (True, True)),
        (300, -5, (True, False)),
        (-300, -300, (True, True)),
        (-300, -5, (True, False)),
        (0, 0, (False, False)),
    ],
)
def test_records_have_to_tell_the_time_of_their_headers(
    offset: int, latest_record: int | None, proven: tuple[bool, bool]
) -> None:
    ahead = None if latest_record is None else latest_record * SECOND
    found = ClockStretch(b"", 1, "ipfix", stretch_of(offset * SECOND), ahead)
    assert proof(found, Policy.PROVEN) == proven
    assert proof(found, Policy.NEVER) == (False, False)
    assert proof(found, Policy.ALWAYS) == (True, True)


def test_what_changes_all_the_time_or_has_no_bound_is_not_proven() -> None:
    restless = ClockStretch(b"", 1, "ipfix", stretch_of(300 * SECOND), changes=11)
    assert proof(restless, Policy.PROVEN) == (False, False)
    open_sided = ClockStretch(b"", 1, "ipfix", stretch_of(-300 * SECOND, None))
    assert proof(open_sided, Policy.PROVEN) == (False, False)


def test_nothing_to_correct_has_no_residuals() -> None:
    assert NONE.residuals == {}
    assert NONE.last_of("192.0.2.1", 1) is None
    assert Corrections(()).widest == 0


def test_flows_that_stand_are_corrected_like_those_read_for_one_question(clocked: Clocked) -> None:
    stock = Stock()
    minutes = [(0, 30), (20, 25), (10, 30), (0, 30)]
    for first, last in minutes:
        told = [
            flows_between(
                Lake.open(clocked.lake.path, each), DECEMBER + first * MINUTE, DECEMBER + last * MINUTE
            )
            for each in (None, stock)
        ]
        assert told[0] == told[1]
        assert told[0]


def flows_between(lake: Lake, since: int, until: int) -> list[tuple[object, ...]]:
    query = Query(since=text_from_instant(since), until=text_from_instant(until))
    with Reading(lake, query, NOW) as reading:
        lived = f'epoch_ns("end") >= {since} AND epoch_ns(start) < {until}'
        return reading.engine.rows(
            'SELECT bytes, epoch_ns(start), epoch_ns("end"), clock_correction, clock_bound, hash(flows)'
            f" FROM flows WHERE {lived} ORDER BY ALL"
        )
