from __future__ import annotations

from pathlib import Path

from tests.sample_lake import NOON, SECOND
from tidegauge.store.day_lines import DayLines, day_files, lines_of_days

DAY = 86_400 * SECOND


def test_lines_are_found_by_the_days_of_a_range(tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    assert list(lines_of_days(folder, NOON, NOON)) == []
    lines, others = DayLines(folder), DayLines(folder)
    for day in range(3):
        lines.append(NOON + day * DAY, b"%d" % day)
    others.append(NOON, b"other")
    assert sorted(lines_of_days(folder, NOON, NOON + DAY)) == [b"0", b"1", b"other"]
    before = day_files(folder)
    assert len(before) == 4
    lines.append(NOON, b"more")
    assert day_files(folder) != before
