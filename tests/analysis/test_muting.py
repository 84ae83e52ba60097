from __future__ import annotations

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.actors import NOBODY
from tidegauge.analysis.finding import Evidence, Finding, Severity
from tidegauge.analysis.mute import Mute
from tidegauge.analysis.mute_file import add_mute
from tidegauge.analysis.muting import Muting
from tidegauge.analysis.reading import Reading
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

FINDING = Finding(
    fingerprint="0123456789ab",
    detector="scan",
    title="Possible scan",
    severity=Severity.HIGH,
    sentence="10.0.0.7 tried two ports.",
    first_seen=NOON,
    last_seen=NOON + SECOND,
    count=2,
    actor="10.0.0.7",
    targets=("10.0.0.5",),
    evidence=Evidence(filter="src_addr = 10.0.0.7", since=NOON, until=NOON + 2 * SECOND),
    confidence=0.9,
    technique="T1046",
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    ends = {"src_addr": "10.0.0.7", "dst_addr": "10.0.0.5", "protocol": 6, "packets": 1, "bytes": 60}
    rows = [
        {**ends, "start": NOON + n * SECOND, "end": NOON + n * SECOND, "dst_port": 22 + n} for n in (0, 1)
    ]
    return make_lake(tmp_path_factory.mktemp("muting") / "lake", rows)


def is_hidden(lake: Lake, mute: Mute) -> bool:
    (lake.path / "mutes.toml").unlink(missing_ok=True)
    add_mute(lake, mute, {})
    with Reading(lake, Query(), NOON) as reading:
        muted_by = Muting(lake, reading).muted_by(FINDING, NOBODY)
    assert muted_by in (None, mute.id)
    return muted_by is not None


@pytest.mark.parametrize(
    "mute",
    [
        Mute(finding="0123456789ab"),
        Mute(detector="scan"),
        Mute(about="10.0.0.0/8"),
        Mute(filter="dst port 22 or dst port 23"),
        Mute(detector="scan", about="10.0.0.7", filter="host 10.0.0.5"),
        Mute(detector="scan", until="2026-01-01T12:00:01.000000001Z"),
    ],
)
def test_what_all_of_the_scope_fits_is_hidden(lake: Lake, mute: Mute) -> None:
    assert is_hidden(lake, mute)


@pytest.mark.parametrize(
    "mute",
    [
        Mute(finding="0123456789aa"),
        Mute(detector="flood"),
        Mute(detector="scan", about="10.0.0.8"),
        Mute(detector="scan", filter="host 10.0.0.6"),
        pytest.param(Mute(filter="dst port 22"), id="more is behind it than what is muted"),
        pytest.param(Mute(detector="scan", until="2026-01-01T12:00:01Z"), id="it goes on after that"),
    ],
)
def test_what_part_of_it_does_not_fit_is_told(lake: Lake, mute: Mute) -> None:
    assert not is_hidden(lake, mute)
