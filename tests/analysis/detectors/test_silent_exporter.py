from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.analysis.conftest import ledger_row
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.activity import Activity
from tidegauge.analysis.detectors.silent_exporter import SilentExporter
from tidegauge.analysis.finding import Finding

MINUTE = 60 * SECOND
QUIET, BUSY = "192.0.2.9", "192.0.2.10"


def heard(exporter: str, first: int, last: int, writer: str = "collect-1") -> list[Mapping[str, object]]:
    """Ledger rows of an exporter heard in each minute of ``[first, last]``, counted from noon."""
    return [
        ledger_row(
            minute=NOON + minute * MINUTE,
            last_received=NOON + minute * MINUTE + 30 * SECOND,
            exporter=exporter,
            writer=writer,
            datagrams=1,
        )
        for minute in range(first, last + 1)
    ]


def found(path: Path, ledger: list[Mapping[str, object]], since: int = 0, until: int = 300) -> list[Finding]:
    lake = make_lake(path / "lake", ledger=ledger)
    times = NOON + since * MINUTE, NOON + until * MINUTE
    with lake.generation() as generation, Activity(lake, generation, *times) as activity:
        return SilentExporter().find(activity)


def test_one_that_stopped_while_another_went_on(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, heard(QUIET, 0, 70) + heard(BUSY, 0, 120))
    assert finding.sentence == "192.0.2.9 has sent nothing for 50 minutes, while others have."
    assert (finding.actor, finding.count) == (QUIET, 50 * 60)
    assert finding.evidence.filter == "exporter = 192.0.2.9"
    assert finding.evidence.until == finding.first_seen + 1 == NOON + 70 * MINUTE + 30 * SECOND + 1


@pytest.mark.parametrize(
    "ledger",
    [
        pytest.param(heard(QUIET, 0, 110) + heard(BUSY, 0, 120), id="a short pause"),
        pytest.param(heard(QUIET, 0, 30) + heard(BUSY, 0, 120), id="heard for half an hour only"),
        pytest.param(heard(QUIET, 0, 70), id="the only one"),
        pytest.param(heard(QUIET, 0, 70, "import-1") + heard(BUSY, 0, 120), id="an imported capture"),
    ],
)
def test_others_are_not_silent(tmp_path: Path, ledger: list[Mapping[str, object]]) -> None:
    assert found(tmp_path, ledger) == []


def test_it_is_told_where_it_began(tmp_path: Path) -> None:
    ledger = heard(QUIET, 0, 70) + heard(BUSY, 0, 120)
    assert found(tmp_path, ledger, since=100) == []
    assert found(tmp_path / "early", ledger, until=80) == []
