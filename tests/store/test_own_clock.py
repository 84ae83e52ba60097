from __future__ import annotations

from pathlib import Path

from tidegauge.flow.clock_judgement import ClockJudgement
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import JudgementWriter, judged_files, judgement_at, judgements

NOON = 1_795_953_600 * 10**9  # of 2026-11-29
HOUR = 3600 * 10**9


def judgement(at: int) -> ClockJudgement:
    return ClockJudgement(at=at, judge="kernel", low=-at % 97, high=5)


def written(tmp_path: Path, *moments: int) -> Lake:
    lake = Lake.create(tmp_path / "lake")
    for writer, share in ((JudgementWriter(lake), moments[::2]), (JudgementWriter(lake), moments[1::2])):
        for at in share:
            writer.append(judgement(at))
    return lake


def test_a_range_is_read_in_order_with_the_one_before(tmp_path: Path) -> None:
    moments = [NOON + quarters * HOUR // 4 for quarters in (-120, -2, -1, 0, 1, 52, 56, 57)]
    lake = written(tmp_path, *moments)
    assert [each.at for each in judgements(lake, NOON, NOON + 14 * HOUR)] == moments[2:6]
    assert judgements(lake, NOON, NOON + 1)[1] == judgement(NOON)
    assert len(list((lake.path / "own_clock").glob("2026-11-29-*.ndjson"))) == 2


def test_what_was_said_long_before_says_nothing_any_more(tmp_path: Path) -> None:
    lake = written(tmp_path, NOON - HOUR // 4 - 1)
    assert judgements(lake, NOON, NOON + HOUR) == []


def test_a_lake_without_judgements_has_none(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    assert (judgements(lake, 0, NOON), judgement_at(lake, NOON)) == ([], None)


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    lake = written(tmp_path, NOON)
    [path] = (lake.path / "own_clock").iterdir()
    path.write_bytes(path.read_bytes() + b'{"at":17959536000000')
    assert [each.at for each in judgements(lake, NOON, NOON + HOUR)] == [NOON]


def test_the_one_that_holds_is_found(tmp_path: Path) -> None:
    lake = written(tmp_path, NOON, NOON + 60 * 10**9)
    assert judgement_at(lake, NOON - 1) is None
    assert judgement_at(lake, NOON) == judgement(NOON)
    assert judgement_at(lake, NOON + 61 * 10**9) == judgement(NOON + 60 * 10**9)
    assert judgement_at(lake, NOON + HOUR) is None


def test_files_of_judgements_tell_when_one_was_added(tmp_path: Path) -> None:
    lake = written(tmp_path, NOON)
    before = judged_files(lake)
    assert judged_files(lake) == before
    JudgementWriter(lake).append(judgement(NOON + HOUR))
    assert judged_files(lake) > before
