from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from tests.ntp.test_polling import honest, time_server
from tidegauge.app import time_keeping
from tidegauge.app.time_keeping import RENEWAL, is_news, time_kept
from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.store.engines.choice import engine_of
from tidegauge.store.exchanges import exchanges_seen
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import judgement_at

GOOD = SourceJudgement(server="a", state="good")
BEFORE = ClockJudgement(at=0, judge="sources", low=-900, high=1000, sources=(GOOD,))


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"at": RENEWAL - 1}, False),
        ({"at": RENEWAL}, True),
        ({"at": -1}, True),
        ({"judge": "kernel"}, True),
        ({"step": 5}, True),
        ({"leap": "insert"}, True),
        ({"low": None, "high": None}, True),
        ({"high": 1475}, False),
        ({"high": 1476}, True),
        ({"low": -500}, False),
        ({"low": -500, "high": 700}, True),
        ({"sources": (msgspec.structs.replace(GOOD, state="unreachable"),)}, True),
        ({"sources": (msgspec.structs.replace(GOOD, reach=1),)}, False),
    ],
)
def test_only_what_is_new_is_written(change: dict[str, object], verdict: bool) -> None:
    assert is_news(BEFORE, msgspec.structs.replace(BEFORE, **change)) is verdict


def test_judgements_and_exchanges_come_into_the_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_keeping, "FIRST_SECONDS", 0.1)
    lake = Lake.create(tmp_path / "lake")
    with time_server(honest) as (address, _), time_kept(lake, [address]):
        deadline = time.monotonic() + 5
        while not (judgement := judgement_at(lake, time.time_ns())):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert judgement.sources[0].state == "good"
    with engine_of(lake.generation(), 0, 2**62, ()) as engine, exchanges_seen(engine, lake):
        asked = engine.rows("SELECT server_port, protocol, received > sent, request_bytes FROM exchanges")
    assert asked == [(address.port, 17, True, 76)]


def test_without_servers_the_kernel_is_asked_and_nothing_else_written(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    with time_kept(lake):
        pass
    judgement = judgement_at(lake, time.time_ns())
    assert judgement is not None
    assert judgement.sources == ()
    assert not (lake.path / "exchanges").exists()
